select id, user_id, content_id, prompt, revised_prompt, url, provider, image_type, size, style, quality, metadata, created_at
  from public.generated_images where false;
