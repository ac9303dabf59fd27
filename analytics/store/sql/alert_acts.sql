-- What people did about alarms, the newest first. Times are UTC.
-- Grain: one row per act.
-- Parameters: none.
SELECT
    act_id, alert_id, act, as_of, until, money_per_day, units, reason, who, is_sample,
    acted_at::TIMESTAMP AS acted_at
FROM alert_acts
ORDER BY act_id DESC
