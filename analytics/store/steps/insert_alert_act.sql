-- Notes what somebody did about an alarm, and answers the number of the act.
-- Grain: one row.
-- Parameters: $alert_id, $act, $as_of, $until, $money_per_day, $units, $reason, $who, $is_sample,
-- $acted_at.
INSERT INTO alert_acts BY NAME
SELECT
    coalesce(max(act_id), 0) + 1 AS act_id, $alert_id AS alert_id, $act AS act, $as_of AS as_of,
    $until AS until, $money_per_day AS money_per_day, $units AS units, $reason AS reason,
    $who AS who, $is_sample AS is_sample, $acted_at AS acted_at
FROM alert_acts
RETURNING act_id
