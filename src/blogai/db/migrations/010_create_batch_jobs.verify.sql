select id, user_id, name, status, provider_strategy, total_items, completed_items, failed_items,
       estimated_cost_usd, actual_cost_usd, items, results, created_at, started_at, completed_at
  from public.batch_jobs where false;
