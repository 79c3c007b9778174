"""The leases of owners on a server: a row for each, with a beat by the database's clock.

The clocks of hosts may be minutes apart, so that no host's clock says who lives: a lease has run out when the database
has heard nothing for DEAD_AFTER_S, or at once when its owner has said goodbye. Beats are transactions of their own,
outside of the one writer's: a busy writer makes nobody look dead, and a beat wakes no other process.
"""

from typing import Final

DEAD_AFTER_S: Final = 10.0

REPLICAS: Final = """
    create table replicas (
        owner text collate "C" primary key,
        name text collate "C" not null,
        version text collate "C" not null,
        schema_version bigint not null,
        started_at timestamptz not null default clock_timestamp(),
        beat_at timestamptz not null default clock_timestamp(),
        gone_at timestamptz,
        is_leader bigint not null default 0,
        clock_ahead_s double precision not null default 0,
        lag_s double precision
    );
"""

BEAT: Final = """
    insert into replicas as known (owner, name, version, schema_version, is_leader, clock_ahead_s, lag_s)
    values (%(owner)s, %(name)s, %(version)s, %(schema)s, %(leads)s,
            extract(epoch from to_timestamp(%(wall)s) - clock_timestamp()), %(lag)s)
    on conflict (owner) do update set beat_at = clock_timestamp(), gone_at = null, is_leader = excluded.is_leader,
        clock_ahead_s = excluded.clock_ahead_s, lag_s = excluded.lag_s
    returning clock_ahead_s
"""

LEAD: Final = "update replicas set is_leader = 0 where is_leader = 1 and owner <> %(owner)s"

GOODBYE: Final = "update replicas set gone_at = clock_timestamp(), is_leader = 0 where owner = %(owner)s"

CLEAR: Final = "delete from replicas where beat_at < clock_timestamp() - interval '1 day'"

IS_ALIVE: Final = f"""
    select gone_at is null and (beat_at > clock_timestamp() - interval '{DEAD_AFTER_S} s' or cast(? as bigint) = 1)
    from replicas where owner = ?
"""

LEASES: Final = f"""
    select owner, name, version, schema_version, started_at, is_leader, clock_ahead_s, lag_s,
           cast(extract(epoch from clock_timestamp() - beat_at) as double precision) as beat_age_s,
           gone_at is null and beat_at > clock_timestamp() - interval '{DEAD_AFTER_S} s' as is_alive
    from replicas where gone_at is null order by is_leader desc, started_at, owner
"""
