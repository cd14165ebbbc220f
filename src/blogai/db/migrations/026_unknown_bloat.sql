-- greatest() passes over nulls, so unknown bloat was shown as none. And an empty table has no statistics, though all of
-- it is empty.
create or replace view private.relation_sizes with (security_invoker = true) as
with relations as (
    select c.oid, n.nspname, c.relname, c.relkind, c.relam, c.reltuples, i.indrelid, i.indkey, i.indexprs,
           coalesce(i.indrelid, c.oid) as table_oid,
           pg_relation_size(c.oid) as bytes,
           coalesce((select o.option_value::integer from pg_catalog.pg_options_to_table(c.reloptions) as o
                      where o.option_name = 'fillfactor'), case c.relkind when 'i' then 90 else 100 end) as fill
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      left join pg_catalog.pg_index as i on i.indexrelid = c.oid
     where n.nspname in ('public', 'private', 'queue') and c.relkind in ('r', 'm', 'i')
), widths as (
    -- Statistics that row level security hides make no row here, and the bloat unknown.
    select r.oid,
           count(*) as columns,
           count(s.attname) as known,
           bool_or(s.null_frac > 0) as nulls,
           sum((1 - s.null_frac) * s.avg_width) as width
      from relations as r
      join pg_catalog.pg_attribute as a
        on a.attrelid = r.table_oid and a.attnum > 0 and not a.attisdropped
           and (r.relkind <> 'i' or a.attnum = any (r.indkey::smallint[]))
      join pg_catalog.pg_class as t on t.oid = r.table_oid
      join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace
      left join pg_catalog.pg_stats as s
        on s.schemaname = tn.nspname and s.tablename = t.relname and s.attname = a.attname and not s.inherited
     group by r.oid
), estimates as (
    -- Tuples are aligned to 8 bytes and have a line pointer of 4; a page of 8,192 has a header of 24, and one of a
    -- B-tree 16 more at its end. The first page of an index is its own.
    select r.oid,
           case
               when r.reltuples = 0 then (r.relkind = 'i')::integer
               when r.reltuples < 0 or w.known < w.columns then null
               when r.relkind <> 'i' then
                   ceil(r.reltuples / greatest(1, floor(8168 * r.fill / 100.0
                       / (28 + case when w.nulls then 8 else 0 end + 8 * ceil(w.width / 8)))))
               when r.indexprs is null and r.relam = (select am.oid from pg_catalog.pg_am as am where am.amname = 'btree') then
                   1 + ceil(r.reltuples / greatest(1, floor(8152 * r.fill / 100.0
                       / (12 + case when w.nulls then 8 else 0 end + 8 * ceil(w.width / 8)))))
           end * current_setting('block_size')::integer as bytes
      from relations as r
      left join widths as w on w.oid = r.oid
)
select r.nspname as schema_name,
       r.relname as relation,
       case r.relkind when 'i' then 'index' else 'table' end as kind,
       r.table_oid::regclass::text as table_name,
       r.bytes,
       case when r.relkind <> 'i' then pg_total_relation_size(r.oid) else r.bytes end as total_bytes,
       greatest(r.reltuples, 0)::bigint as estimated_rows,
       t.n_dead_tup as dead_rows,
       case when e.bytes is not null then greatest(0, r.bytes - e.bytes) end::bigint as bloat_bytes,
       coalesce(t.seq_scan + t.idx_scan, t.seq_scan, x.idx_scan) as scans,
       greatest(t.last_vacuum, t.last_autovacuum) as last_vacuum,
       greatest(t.last_analyze, t.last_autoanalyze) as last_analyze
  from relations as r
  left join estimates as e on e.oid = r.oid
  left join pg_catalog.pg_stat_all_tables as t on t.relid = r.oid
  left join pg_catalog.pg_stat_all_indexes as x on x.indexrelid = r.oid;
