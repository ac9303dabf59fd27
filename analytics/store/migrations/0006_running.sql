-- What people do about alarms. None of it moves the numbers, and so none of it moves the version.

-- One act: snooze, acknowledge or reopen. The newest act on an alarm counts. "alert_id" is the alarm
-- as text, "as_of" the data's day on which somebody saw it, "until" the last day of the data on
-- which it rests, "money_per_day" and "units" what it cost then; "is_sample": the sample's alarm.
CREATE TABLE alert_acts (
    act_id INTEGER NOT NULL,
    alert_id VARCHAR NOT NULL,
    act VARCHAR NOT NULL,
    as_of DATE NOT NULL,
    until DATE,
    money_per_day DOUBLE,
    units DOUBLE,
    reason VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    is_sample BOOLEAN NOT NULL,
    acted_at TIMESTAMPTZ NOT NULL
);
