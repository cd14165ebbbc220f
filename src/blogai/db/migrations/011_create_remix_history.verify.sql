select id, user_id, source_content_id, target_format, remixed_content, quality_score, created_at
  from public.remix_history where false;
