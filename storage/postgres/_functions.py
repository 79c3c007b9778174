"""Functions under the names that SQLite has for them, so that a statement of both engines is written once.

json_each     the elements of an array with their places, or the members of an object with their names, all as texts
json_extract  the value at a path as a text; of a truth 1 or 0
julianday     a moment in days, of which only differences are used
"""

from typing import Final

FUNCTIONS: Final = """
    create function json_each(document text) returns table (key text, value text)
    language sql immutable strict parallel safe rows 100 as $$
        select (place - 1)::text, element from jsonb_array_elements_text(
            case when jsonb_typeof(document::jsonb) = 'array' then document::jsonb else '[]' end)
            with ordinality as elements (element, place)
        union all
        select member.key, member.value from jsonb_each_text(
            case when jsonb_typeof(document::jsonb) = 'object' then document::jsonb else '{}' end) as member
    $$;

    create function json_extract(document text, path text) returns text
    language sql immutable strict parallel safe as $$
        select case when found = 'true' then '1' when found = 'false' then '0' else found #>> '{}' end
        from jsonb_path_query_first(document::jsonb, path::jsonpath) as found
    $$;

    create function julianday(moment text) returns double precision
    language sql stable strict parallel safe as $$
        select extract(epoch from moment::timestamptz)::double precision / 86400
    $$;
"""
