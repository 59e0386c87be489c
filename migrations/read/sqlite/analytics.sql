-- What analysts count. People, counsellors, consultations, offers and rooms stand here by pseudonyms,
-- keyed hashes of 64 bits in hexadecimal; there is no name, no text and no id. Days are UTC,
-- `2026-11-21`, weeks ISO 8601, `2026-W47`, months `2026-11`; times are milliseconds since 1970.

-- One row for each consultation, on the day of its request.
CREATE TABLE consultation_facts (
    consultation         TEXT PRIMARY KEY,
    requester            TEXT NOT NULL,
    -- 1 where it was asked for without an account.
    guest                INTEGER NOT NULL,
    quick_match          INTEGER NOT NULL,
    character_preference INTEGER,
    -- The character of its present or last counsellor.
    character_type_id    INTEGER,
    counselor            TEXT,
    status               TEXT NOT NULL,
    end_reason           TEXT,
    requested_at_ms      INTEGER NOT NULL,
    -- The first acceptance.
    accepted_at_ms       INTEGER,
    ended_at_ms          INTEGER,
    day                  TEXT NOT NULL,
    week                 TEXT NOT NULL,
    month                TEXT NOT NULL,
    -- 1 to 5, and when it was given.
    score                INTEGER,
    rated_day            TEXT,
    rated_week           TEXT,
    rated_month          TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX consultation_facts_by_day ON consultation_facts (day);
CREATE INDEX consultation_facts_by_rated_day ON consultation_facts (rated_day)
    WHERE rated_day IS NOT NULL;

-- One row for each time that a consultation was put to a counsellor, on that day.
CREATE TABLE offer_facts (
    offer         TEXT PRIMARY KEY,
    consultation  TEXT NOT NULL,
    requester     TEXT NOT NULL,
    counselor     TEXT NOT NULL,
    mode          TEXT NOT NULL,
    round         INTEGER NOT NULL,
    -- pending, accepted, rejected, expired, withdrawn
    outcome       TEXT NOT NULL,
    -- What came of it where it was accepted: completed, returned; null until then.
    talk          TEXT,
    offered_at_ms INTEGER NOT NULL,
    decided_at_ms INTEGER,
    day           TEXT NOT NULL,
    week          TEXT NOT NULL,
    month         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_facts_by_consultation ON offer_facts (consultation);
CREATE INDEX offer_facts_by_day ON offer_facts (day);

-- What each room is for.
CREATE TABLE room_kinds (
    room TEXT PRIMARY KEY,
    -- direct, group, consultation
    kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What one person sent, and what of theirs was deleted, on one day in rooms of one kind.
CREATE TABLE message_days (
    day       TEXT NOT NULL,
    room_kind TEXT NOT NULL,
    sender    TEXT NOT NULL,
    week      TEXT NOT NULL,
    month     TEXT NOT NULL,
    sent      INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    PRIMARY KEY (day, room_kind, sender)
) STRICT, WITHOUT ROWID;

-- What one person was found to feel on one day.
CREATE TABLE emotion_days (
    day                   TEXT NOT NULL,
    label                 TEXT NOT NULL,
    person                TEXT NOT NULL,
    week                  TEXT NOT NULL,
    month                 TEXT NOT NULL,
    answers               INTEGER NOT NULL,
    -- Whole numbers, so that a sum does not depend on its order.
    intensity_thousandths INTEGER NOT NULL,
    PRIMARY KEY (day, label, person)
) STRICT, WITHOUT ROWID;

-- What analysts read. Each row tells how far into the log its numbers reach, and none stands for
-- fewer than five different people. Described in docs/analytics.md.
DROP VIEW IF EXISTS consultations;
DROP VIEW IF EXISTS waits;
DROP VIEW IF EXISTS offers;
DROP VIEW IF EXISTS counselor_load;
DROP VIEW IF EXISTS messages_per_day;
DROP VIEW IF EXISTS emotions_per_day;
DROP VIEW IF EXISTS ratings;
CREATE VIEW consultations AS
SELECT f.consultation, f.requester, f.guest, f.quick_match, f.character_preference,
       f.character_type_id, f.counselor, f.status, f.end_reason, f.day, f.week, f.month,
       (SELECT COUNT(*) FROM offer_facts AS o WHERE o.consultation = f.consultation) AS offers,
       (SELECT COUNT(*) FROM offer_facts AS o
        WHERE o.consultation = f.consultation AND o.outcome = 'rejected') AS rejections,
       (f.accepted_at_ms - f.requested_at_ms) / 1000 AS wait_seconds,
       (f.ended_at_ms - f.accepted_at_ms) / 1000 AS duration_seconds,
       f.score,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM consultation_facts AS f
WHERE f.day IN (SELECT day FROM consultation_facts
                GROUP BY day HAVING COUNT(DISTINCT requester) >= 5);

CREATE VIEW waits AS
SELECT day, week, month, COUNT(DISTINCT requester) AS people, COUNT(*) AS accepted,
       CAST(SUM(wait_ms) AS DOUBLE PRECISION) / COUNT(*) / 1000.0 AS mean_seconds,
       CAST(MAX(CASE WHEN place = (total + 1) / 2 THEN wait_ms END) AS DOUBLE PRECISION) / 1000.0
           AS median_seconds,
       CAST(MAX(CASE WHEN place = (total * 9 + 9) / 10 THEN wait_ms END) AS DOUBLE PRECISION) / 1000.0
           AS p90_seconds,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM (SELECT day, week, month, requester, accepted_at_ms - requested_at_ms AS wait_ms,
             ROW_NUMBER() OVER (PARTITION BY day
                                ORDER BY accepted_at_ms - requested_at_ms, consultation) AS place,
             COUNT(*) OVER (PARTITION BY day) AS total
      FROM consultation_facts WHERE accepted_at_ms IS NOT NULL) AS accepted
GROUP BY day, week, month HAVING COUNT(DISTINCT requester) >= 5;

CREATE VIEW offers AS
SELECT day, week, month, COUNT(DISTINCT requester) AS people, COUNT(*) AS offered,
       COUNT(CASE WHEN outcome = 'accepted' THEN 1 END) AS accepted,
       COUNT(CASE WHEN outcome = 'rejected' THEN 1 END) AS rejected,
       COUNT(CASE WHEN outcome = 'expired' THEN 1 END) AS expired,
       COUNT(CASE WHEN outcome = 'withdrawn' THEN 1 END) AS withdrawn,
       COUNT(CASE WHEN outcome = 'pending' THEN 1 END) AS pending,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM offer_facts
GROUP BY day, week, month HAVING COUNT(DISTINCT requester) >= 5;

CREATE VIEW counselor_load AS
SELECT day, week, month, counselor, COUNT(DISTINCT requester) AS people, COUNT(*) AS offered,
       COUNT(CASE WHEN outcome = 'accepted' THEN 1 END) AS taken,
       COUNT(CASE WHEN outcome = 'rejected' THEN 1 END) AS rejected,
       COUNT(CASE WHEN outcome = 'expired' THEN 1 END) AS expired,
       COUNT(CASE WHEN talk = 'completed' THEN 1 END) AS completed,
       COUNT(CASE WHEN talk = 'returned' THEN 1 END) AS returned,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM offer_facts
GROUP BY day, week, month, counselor HAVING COUNT(DISTINCT requester) >= 5;

CREATE VIEW messages_per_day AS
SELECT day, week, month, room_kind, COUNT(CASE WHEN sent > 0 THEN 1 END) AS people,
       CAST(SUM(sent) AS BIGINT) AS sent, CAST(SUM(deleted) AS BIGINT) AS deleted,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM message_days
GROUP BY day, week, month, room_kind HAVING COUNT(CASE WHEN sent > 0 THEN 1 END) >= 5;

CREATE VIEW emotions_per_day AS
SELECT day, week, month, label, COUNT(*) AS people, CAST(SUM(answers) AS BIGINT) AS answers,
       CAST(SUM(intensity_thousandths) AS DOUBLE PRECISION)
           / CAST(SUM(answers) AS DOUBLE PRECISION) / 1000.0 AS mean_intensity,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM emotion_days
GROUP BY day, week, month, label HAVING COUNT(*) >= 5;

CREATE VIEW ratings AS
SELECT rated_day AS day, rated_week AS week, rated_month AS month,
       COUNT(DISTINCT requester) AS people, COUNT(*) AS ratings,
       CAST(SUM(score) AS DOUBLE PRECISION) / COUNT(*) AS mean_score,
       (SELECT position FROM checkpoints WHERE projection = 'analytics') AS as_of_position
FROM consultation_facts WHERE score IS NOT NULL
GROUP BY rated_day, rated_week, rated_month HAVING COUNT(DISTINCT requester) >= 5;
