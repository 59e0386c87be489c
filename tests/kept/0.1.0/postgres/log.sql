--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: analytics; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA analytics;


--
-- Name: read_models; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA read_models;


--
-- Name: search; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA search;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: checkpoints; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.checkpoints (
    projection text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    event_id bytea NOT NULL
);


--
-- Name: consultation_facts; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.consultation_facts (
    consultation text NOT NULL COLLATE pg_catalog."C",
    requester text NOT NULL COLLATE pg_catalog."C",
    guest bigint NOT NULL,
    quick_match bigint NOT NULL,
    character_preference bigint,
    character_type_id bigint,
    counselor text COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    end_reason text COLLATE pg_catalog."C",
    requested_at_ms bigint NOT NULL,
    accepted_at_ms bigint,
    ended_at_ms bigint,
    day text NOT NULL COLLATE pg_catalog."C",
    week text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C",
    score bigint,
    rated_day text COLLATE pg_catalog."C",
    rated_week text COLLATE pg_catalog."C",
    rated_month text COLLATE pg_catalog."C"
);


--
-- Name: offer_facts; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.offer_facts (
    offer text NOT NULL COLLATE pg_catalog."C",
    consultation text NOT NULL COLLATE pg_catalog."C",
    requester text NOT NULL COLLATE pg_catalog."C",
    counselor text NOT NULL COLLATE pg_catalog."C",
    mode text NOT NULL COLLATE pg_catalog."C",
    round bigint NOT NULL,
    outcome text NOT NULL COLLATE pg_catalog."C",
    talk text COLLATE pg_catalog."C",
    offered_at_ms bigint NOT NULL,
    decided_at_ms bigint,
    day text NOT NULL COLLATE pg_catalog."C",
    week text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: consultations; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.consultations AS
 SELECT f.consultation,
    f.requester,
    f.guest,
    f.quick_match,
    f.character_preference,
    f.character_type_id,
    f.counselor,
    f.status,
    f.end_reason,
    f.day,
    f.week,
    f.month,
    ( SELECT count(*) AS count
           FROM analytics.offer_facts o
          WHERE (o.consultation = f.consultation)) AS offers,
    ( SELECT count(*) AS count
           FROM analytics.offer_facts o
          WHERE ((o.consultation = f.consultation) AND (o.outcome = 'rejected'::text))) AS rejections,
    ((f.accepted_at_ms - f.requested_at_ms) / 1000) AS wait_seconds,
    ((f.ended_at_ms - f.accepted_at_ms) / 1000) AS duration_seconds,
    f.score,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM analytics.consultation_facts f
  WHERE (f.day IN ( SELECT consultation_facts.day
           FROM analytics.consultation_facts
          GROUP BY consultation_facts.day
         HAVING (count(DISTINCT consultation_facts.requester) >= 5)));


--
-- Name: counselor_load; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.counselor_load AS
 SELECT offer_facts.day,
    offer_facts.week,
    offer_facts.month,
    offer_facts.counselor,
    count(DISTINCT offer_facts.requester) AS people,
    count(*) AS offered,
    count(
        CASE
            WHEN (offer_facts.outcome = 'accepted'::text) THEN 1
            ELSE NULL::integer
        END) AS taken,
    count(
        CASE
            WHEN (offer_facts.outcome = 'rejected'::text) THEN 1
            ELSE NULL::integer
        END) AS rejected,
    count(
        CASE
            WHEN (offer_facts.outcome = 'expired'::text) THEN 1
            ELSE NULL::integer
        END) AS expired,
    count(
        CASE
            WHEN (offer_facts.talk = 'completed'::text) THEN 1
            ELSE NULL::integer
        END) AS completed,
    count(
        CASE
            WHEN (offer_facts.talk = 'returned'::text) THEN 1
            ELSE NULL::integer
        END) AS returned,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM analytics.offer_facts
  GROUP BY offer_facts.day, offer_facts.week, offer_facts.month, offer_facts.counselor
 HAVING (count(DISTINCT offer_facts.requester) >= 5);


--
-- Name: emotion_days; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.emotion_days (
    day text NOT NULL COLLATE pg_catalog."C",
    label text NOT NULL COLLATE pg_catalog."C",
    person text NOT NULL COLLATE pg_catalog."C",
    week text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C",
    answers bigint NOT NULL,
    intensity_thousandths bigint NOT NULL
);


--
-- Name: emotions_per_day; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.emotions_per_day AS
 SELECT emotion_days.day,
    emotion_days.week,
    emotion_days.month,
    emotion_days.label,
    count(*) AS people,
    (sum(emotion_days.answers))::bigint AS answers,
    (((sum(emotion_days.intensity_thousandths))::double precision / (sum(emotion_days.answers))::double precision) / (1000.0)::double precision) AS mean_intensity,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM analytics.emotion_days
  GROUP BY emotion_days.day, emotion_days.week, emotion_days.month, emotion_days.label
 HAVING (count(*) >= 5);


--
-- Name: message_days; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.message_days (
    day text NOT NULL COLLATE pg_catalog."C",
    room_kind text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    week text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C",
    sent bigint NOT NULL,
    deleted bigint NOT NULL
);


--
-- Name: messages_per_day; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.messages_per_day AS
 SELECT message_days.day,
    message_days.week,
    message_days.month,
    message_days.room_kind,
    count(
        CASE
            WHEN (message_days.sent > 0) THEN 1
            ELSE NULL::integer
        END) AS people,
    (sum(message_days.sent))::bigint AS sent,
    (sum(message_days.deleted))::bigint AS deleted,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM analytics.message_days
  GROUP BY message_days.day, message_days.week, message_days.month, message_days.room_kind
 HAVING (count(
        CASE
            WHEN (message_days.sent > 0) THEN 1
            ELSE NULL::integer
        END) >= 5);


--
-- Name: offers; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.offers AS
 SELECT offer_facts.day,
    offer_facts.week,
    offer_facts.month,
    count(DISTINCT offer_facts.requester) AS people,
    count(*) AS offered,
    count(
        CASE
            WHEN (offer_facts.outcome = 'accepted'::text) THEN 1
            ELSE NULL::integer
        END) AS accepted,
    count(
        CASE
            WHEN (offer_facts.outcome = 'rejected'::text) THEN 1
            ELSE NULL::integer
        END) AS rejected,
    count(
        CASE
            WHEN (offer_facts.outcome = 'expired'::text) THEN 1
            ELSE NULL::integer
        END) AS expired,
    count(
        CASE
            WHEN (offer_facts.outcome = 'withdrawn'::text) THEN 1
            ELSE NULL::integer
        END) AS withdrawn,
    count(
        CASE
            WHEN (offer_facts.outcome = 'pending'::text) THEN 1
            ELSE NULL::integer
        END) AS pending,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM analytics.offer_facts
  GROUP BY offer_facts.day, offer_facts.week, offer_facts.month
 HAVING (count(DISTINCT offer_facts.requester) >= 5);


--
-- Name: ratings; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.ratings AS
 SELECT consultation_facts.rated_day AS day,
    consultation_facts.rated_week AS week,
    consultation_facts.rated_month AS month,
    count(DISTINCT consultation_facts.requester) AS people,
    count(*) AS ratings,
    ((sum(consultation_facts.score))::double precision / (count(*))::double precision) AS mean_score,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM analytics.consultation_facts
  WHERE (consultation_facts.score IS NOT NULL)
  GROUP BY consultation_facts.rated_day, consultation_facts.rated_week, consultation_facts.rated_month
 HAVING (count(DISTINCT consultation_facts.requester) >= 5);


--
-- Name: room_kinds; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.room_kinds (
    room text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: schema_steps; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.schema_steps (
    component text NOT NULL,
    taken bigint NOT NULL
);


--
-- Name: stopped_projections; Type: TABLE; Schema: analytics; Owner: -
--

CREATE TABLE analytics.stopped_projections (
    projection text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL
);


--
-- Name: waits; Type: VIEW; Schema: analytics; Owner: -
--

CREATE VIEW analytics.waits AS
 SELECT accepted.day,
    accepted.week,
    accepted.month,
    count(DISTINCT accepted.requester) AS people,
    count(*) AS accepted,
    (((sum(accepted.wait_ms))::double precision / (count(*))::double precision) / (1000.0)::double precision) AS mean_seconds,
    ((max(
        CASE
            WHEN (accepted.place = ((accepted.total + 1) / 2)) THEN accepted.wait_ms
            ELSE NULL::bigint
        END))::double precision / (1000.0)::double precision) AS median_seconds,
    ((max(
        CASE
            WHEN (accepted.place = (((accepted.total * 9) + 9) / 10)) THEN accepted.wait_ms
            ELSE NULL::bigint
        END))::double precision / (1000.0)::double precision) AS p90_seconds,
    ( SELECT checkpoints."position"
           FROM analytics.checkpoints
          WHERE (checkpoints.projection = 'analytics'::text)) AS as_of_position
   FROM ( SELECT consultation_facts.day,
            consultation_facts.week,
            consultation_facts.month,
            consultation_facts.requester,
            (consultation_facts.accepted_at_ms - consultation_facts.requested_at_ms) AS wait_ms,
            row_number() OVER (PARTITION BY consultation_facts.day ORDER BY (consultation_facts.accepted_at_ms - consultation_facts.requested_at_ms), consultation_facts.consultation) AS place,
            count(*) OVER (PARTITION BY consultation_facts.day) AS total
           FROM analytics.consultation_facts
          WHERE (consultation_facts.accepted_at_ms IS NOT NULL)) accepted
  GROUP BY accepted.day, accepted.week, accepted.month
 HAVING (count(DISTINCT accepted.requester) >= 5);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    "position" bigint NOT NULL,
    aggregate_type text NOT NULL COLLATE pg_catalog."C",
    aggregate_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    event_id uuid NOT NULL,
    dedupe bytea,
    event_type text NOT NULL COLLATE pg_catalog."C",
    event_version text NOT NULL COLLATE pg_catalog."C",
    number bigint,
    recorded_at bigint NOT NULL,
    payload json NOT NULL,
    metadata json NOT NULL,
    parts bytea,
    CONSTRAINT positions_begin_at_one CHECK (("position" > 0)),
    CONSTRAINT sequences_begin_at_one CHECK ((sequence > 0))
);


--
-- Name: leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.leases (
    name text NOT NULL,
    holder uuid NOT NULL,
    epoch bigint NOT NULL,
    until timestamp with time zone NOT NULL
);


--
-- Name: log_head; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.log_head (
    id boolean NOT NULL,
    CONSTRAINT log_head_id_check CHECK (id)
);


--
-- Name: schema_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_steps (
    component text NOT NULL,
    taken bigint NOT NULL
);


--
-- Name: accesses; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.accesses (
    subject bytea NOT NULL,
    "position" bigint NOT NULL
);


--
-- Name: accounts; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.accounts (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    active bigint NOT NULL,
    email_key text COLLATE pg_catalog."C",
    profile bytea NOT NULL,
    password_hash bytea NOT NULL,
    credentials_version bigint NOT NULL,
    void_before bigint NOT NULL,
    void_kept bytea,
    access_changed_at bigint NOT NULL,
    created_at bigint NOT NULL,
    user_type text COLLATE pg_catalog."C",
    trust_score double precision
);


--
-- Name: alerts; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.alerts (
    uuid bytea NOT NULL,
    number bigint NOT NULL,
    source_kind text NOT NULL COLLATE pg_catalog."C",
    source bytea NOT NULL,
    said bytea NOT NULL,
    person bytea NOT NULL,
    level text NOT NULL COLLATE pg_catalog."C",
    rule text NOT NULL COLLATE pg_catalog."C",
    counselor bytea,
    raised_at bigint NOT NULL,
    last_raised_at bigint NOT NULL,
    times bigint NOT NULL,
    acknowledged_at bigint,
    acknowledged_by bytea
);


--
-- Name: cards; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.cards (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    consultation bytea NOT NULL,
    text bytea NOT NULL,
    additional_notes bytea,
    summary_by text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);


--
-- Name: checkpoints; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.checkpoints (
    projection text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    event_id bytea NOT NULL
);


--
-- Name: consultations; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.consultations (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    requester_kind text NOT NULL COLLATE pg_catalog."C",
    requester bytea NOT NULL,
    request bytea NOT NULL,
    nickname bytea,
    character_type_preference bigint,
    quick_match bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    counselor bytea,
    last_counselor bytea,
    character_type_id bigint,
    room bytea,
    requested_at bigint NOT NULL,
    accepted_at bigint,
    ended_at bigint,
    end_reason text COLLATE pg_catalog."C",
    notes bytea,
    score bigint,
    comment bytea,
    rated_at bigint,
    erased_at bigint
);


--
-- Name: counselor_sockets; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.counselor_sockets (
    connection bytea NOT NULL,
    counselor bytea NOT NULL,
    node bytea NOT NULL,
    opened_at bigint NOT NULL
);


--
-- Name: counselors; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.counselors (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    account bytea NOT NULL,
    character_type_id bigint NOT NULL,
    counseling_fields text NOT NULL COLLATE pg_catalog."C",
    max_active bigint,
    active bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    status_changed_at bigint NOT NULL,
    waiting_since bigint,
    last_ended_at bigint,
    active_consultations bigint NOT NULL,
    unreachable_since bigint
);


--
-- Name: destructions; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.destructions (
    "position" bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: directory; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.directory (
    kind text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    belongs_to bytea,
    name bytea,
    name_form text COLLATE pg_catalog."C"
);


--
-- Name: due; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.due (
    kind text NOT NULL COLLATE pg_catalog."C",
    subject bytea NOT NULL,
    aggregate bytea NOT NULL,
    since bigint NOT NULL,
    cause bigint NOT NULL
);


--
-- Name: due_counselors; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.due_counselors (
    counselor bytea NOT NULL,
    waiting_since bigint,
    unreachable_since bigint,
    cause bigint NOT NULL
);


--
-- Name: due_sockets; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.due_sockets (
    connection bytea NOT NULL,
    counselor bytea NOT NULL
);


--
-- Name: emotion_prompts; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.emotion_prompts (
    account bytea NOT NULL,
    prompt bytea NOT NULL
);


--
-- Name: emotion_sessions; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.emotion_sessions (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    owner bytea NOT NULL,
    opening bytea NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    card bytea,
    card_number bigint,
    card_by text COLLATE pg_catalog."C",
    key_emotions text COLLATE pg_catalog."C",
    card_text bytea,
    card_at bigint
);


--
-- Name: emotion_steps; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.emotion_steps (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    session bytea NOT NULL,
    owner bytea NOT NULL,
    step_order bigint NOT NULL,
    step_type text NOT NULL COLLATE pg_catalog."C",
    risk text COLLATE pg_catalog."C",
    input bytea NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    attempts bigint NOT NULL,
    cancel_asked bigint NOT NULL,
    node bytea NOT NULL,
    asked_at bigint NOT NULL,
    settled_at bigint,
    settled bigint,
    answer bytea,
    responder text COLLATE pg_catalog."C",
    label text COLLATE pg_catalog."C",
    intensity double precision,
    prompt_tokens bigint,
    answer_tokens bigint,
    truncated bigint,
    reason text COLLATE pg_catalog."C",
    retryable bigint
);


--
-- Name: erasures; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.erasures (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    subject_kind text NOT NULL COLLATE pg_catalog."C",
    subject bytea NOT NULL,
    requested_at bigint NOT NULL,
    completed_at bigint,
    consultations bigint,
    files bigint,
    signed_by text COLLATE pg_catalog."C",
    signature text COLLATE pg_catalog."C"
);


--
-- Name: holds; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.holds (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    subject_kind text NOT NULL COLLATE pg_catalog."C",
    subject bytea NOT NULL,
    reason bytea NOT NULL,
    placed_by bytea,
    placed_at bigint NOT NULL,
    lifted_at bigint
);


--
-- Name: members; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.members (
    room bigint NOT NULL,
    person bytea NOT NULL,
    number bigint NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    joined_at bigint NOT NULL,
    joined_position bigint NOT NULL,
    removed_at bigint,
    read_number bigint NOT NULL,
    read_at bigint,
    delivered_number bigint NOT NULL,
    notification_enabled bigint NOT NULL,
    read_receipt_enabled bigint NOT NULL
);


--
-- Name: message_rooms; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.message_rooms (
    uuid bytea NOT NULL,
    number bigint NOT NULL
);


--
-- Name: messages; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.messages (
    "position" bigint NOT NULL,
    number bigint,
    uuid bytea NOT NULL,
    room bigint NOT NULL,
    sender bytea NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    reply_to bytea,
    reply_number bigint,
    file bytea,
    body bytea,
    sent_at bigint NOT NULL,
    edited_at bigint,
    deleted_at bigint
);


--
-- Name: nicknames; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.nicknames (
    consultation bytea NOT NULL,
    from_position bigint NOT NULL,
    name bytea NOT NULL,
    name_form text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: offers; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.offers (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    consultation bytea NOT NULL,
    counselor bytea NOT NULL,
    mode text NOT NULL COLLATE pg_catalog."C",
    round bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    offered_at bigint NOT NULL,
    decided_at bigint,
    withdrawal text COLLATE pg_catalog."C",
    response bytea,
    candidates text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: presence; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.presence (
    person bytea NOT NULL,
    seen_at bigint NOT NULL
);


--
-- Name: rooms; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.rooms (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    consultation bytea,
    creator bytea NOT NULL,
    max_participants bigint NOT NULL,
    opened_at bigint NOT NULL,
    closed_at bigint,
    description bytea,
    retention_days bigint NOT NULL,
    auto_delete bigint NOT NULL,
    changed_at bigint NOT NULL,
    booking bytea
);


--
-- Name: schema_steps; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.schema_steps (
    component text NOT NULL,
    taken bigint NOT NULL
);


--
-- Name: sessions; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.sessions (
    uuid bytea NOT NULL,
    account bytea NOT NULL,
    account_version bigint NOT NULL,
    opened_at bigint NOT NULL,
    rotated_at bigint,
    expires_at bigint NOT NULL,
    revoked_at bigint
);


--
-- Name: stopped_projections; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.stopped_projections (
    projection text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL
);


--
-- Name: timeline; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.timeline (
    topic bytea NOT NULL,
    "position" bigint NOT NULL
);


--
-- Name: timeline_rooms; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.timeline_rooms (
    room bytea NOT NULL,
    topic bytea NOT NULL
);


--
-- Name: uploads; Type: TABLE; Schema: read_models; Owner: -
--

CREATE TABLE read_models.uploads (
    number bigint NOT NULL,
    uuid bytea NOT NULL,
    object bytea NOT NULL,
    owner bytea NOT NULL,
    room bytea,
    size bigint NOT NULL,
    media_type text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    details bytea NOT NULL,
    stored_at bigint NOT NULL,
    message bytea,
    day bigint,
    deleted_at bigint,
    destroyed_at bigint,
    erased_at bigint,
    erased bigint
);


--
-- Name: checkpoints; Type: TABLE; Schema: search; Owner: -
--

CREATE TABLE search.checkpoints (
    projection text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    event_id bytea NOT NULL
);


--
-- Name: schema_steps; Type: TABLE; Schema: search; Owner: -
--

CREATE TABLE search.schema_steps (
    component text NOT NULL,
    taken bigint NOT NULL
);


--
-- Name: search_messages; Type: TABLE; Schema: search; Owner: -
--

CREATE TABLE search.search_messages (
    number bigint NOT NULL,
    tokens bigint[] NOT NULL
);


--
-- Name: stopped_projections; Type: TABLE; Schema: search; Owner: -
--

CREATE TABLE search.stopped_projections (
    projection text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL
);


--
-- Data for Name: checkpoints; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.checkpoints VALUES ('analytics', 1, 68, '\x01a200b622eb71fbb36f3c0421026f62');


--
-- Data for Name: consultation_facts; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.consultation_facts VALUES ('a5010cd9c60fd9fb', 'b05d9662a58d3f39', 1, 1, NULL, 1, 'fff14c223bf447e5', 'completed', 'ended_by_user', 1795308264578, 1795308264658, 1795308265010, '2026-11-22', '2026-W47', '2026-11', 5, '2026-11-22', '2026-W47', '2026-11');


--
-- Data for Name: emotion_days; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.emotion_days VALUES ('2026-11-22', 'anxiety', '26773472c893decf', '2026-W47', '2026-11', 1, 600);


--
-- Data for Name: message_days; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.message_days VALUES ('2026-11-22', 'consultation', 'b05d9662a58d3f39', '2026-W47', '2026-11', 1, 0);
INSERT INTO analytics.message_days VALUES ('2026-11-22', 'consultation', '1d84ec2cb5d8b2b3', '2026-W47', '2026-11', 1, 0);
INSERT INTO analytics.message_days VALUES ('2026-11-22', 'group', '77a252cd3b5bec8e', '2026-W47', '2026-11', 1, 0);
INSERT INTO analytics.message_days VALUES ('2026-11-22', 'group', '79580079e9f43a82', '2026-W47', '2026-11', 1, 0);
INSERT INTO analytics.message_days VALUES ('2026-11-22', 'direct', '26773472c893decf', '2026-W47', '2026-11', 2, 0);
INSERT INTO analytics.message_days VALUES ('2026-11-22', 'direct', '79580079e9f43a82', '2026-W47', '2026-11', 1, 1);


--
-- Data for Name: offer_facts; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.offer_facts VALUES ('45dfd9619bec825e', 'a5010cd9c60fd9fb', 'b05d9662a58d3f39', 'fff14c223bf447e5', 'broadcast', 1, 'accepted', 'completed', 1795308264619, 1795308264658, '2026-11-22', '2026-W47', '2026-11');


--
-- Data for Name: room_kinds; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.room_kinds VALUES ('bab18df0a1ed7ce5', 'consultation');
INSERT INTO analytics.room_kinds VALUES ('18401128a9a75f73', 'direct');
INSERT INTO analytics.room_kinds VALUES ('eb487fcd94d766cc', 'group');


--
-- Data for Name: schema_steps; Type: TABLE DATA; Schema: analytics; Owner: -
--

INSERT INTO analytics.schema_steps VALUES ('read_models', 1);


--
-- Data for Name: stopped_projections; Type: TABLE DATA; Schema: analytics; Owner: -
--



--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES (1, 'account', 'fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8', 1, '01a200b6-1ae7-72ce-bc8a-2a1dcabdc8d3', NULL, 'account.registered', '1.0.0', NULL, 1795308264207054, '{"email_key":"e3141db5614808f036e0a3267119b94fd58cc43785071e0065a7fdc0ca7b56df","role":"admin","profile":0,"password_hash":1}', '{"role":"system","correlation_id":"01a200b6-1ae7-72ce-bc8a-2a1c4f587a1f"}', '\x01002c6163636f756e743a66626465663235622d636132642d356162322d613535322d37336633663664663966653850f1734572f912762e613a2d9aeb272a66a446954b252a9a36ef895b0bb7a9ad25a6f105d806a85aa038a3605fea457551c9863a50f86cf843b2e6aa5e27373e5285857218a5e5d2a0c3f85792a8b9cd41002c6163636f756e743a66626465663235622d636132642d356162322d613535322d3733663366366466396665387c9a2f5302b311089d7c83ba6cd05cd2f8cefce272bf3a749209b3b3e7aa23f3f787401f881c46ef43e4f4d7aecf1ae668124db6d65ae3515d94d9a4a36ac1bff187ca0b7ca776c78716d2d7751abe63ac646660b694995173370f480a57bcab412fcf634c749f81e27f139c2cb65e0e0d07d61446391b4ed24828fd30');
INSERT INTO public.events VALUES (2, 'email', 'e3141db5614808f036e0a3267119b94fd58cc43785071e0065a7fdc0ca7b56df', 1, '01a200b6-1ae7-72ce-bc8a-2a1e5132b770', NULL, 'email.reserved', '1.0.0', NULL, 1795308264207054, '{"account":"fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8"}', '{"role":"system","correlation_id":"01a200b6-1ae7-72ce-bc8a-2a1c4f587a1f"}', NULL);
INSERT INTO public.events VALUES (3, 'session', '01a200b6-1bb4-753c-a747-4659dcd707bc', 1, '01a200b6-1bb4-753c-a747-465aa8a41891', NULL, 'session.opened', '1.0.0', NULL, 1795308264378160, '{"account":"fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8","account_version":1,"secret_hash":"9dec45f60984a2c71a11bbba5645ecf5650d47a8da877be939ba905f940be70f","expires_at":1797900264372357}', '{"actor":"fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8","role":"admin","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1bae-7272-abf4-e95a3d32b91f"}', NULL);
INSERT INTO public.events VALUES (4, 'account', '01a200b6-1bd3-76c0-b56b-2d0495bd2b85', 1, '01a200b6-1bd6-745f-a67f-16a510c4aeda', NULL, 'account.registered', '1.0.0', NULL, 1795308264408726, '{"email_key":"b222e884530ec8cec198fe158df8d593b8107fc655841b8aa38e118ee4cf6636","role":"counselor","profile":0,"password_hash":1}', '{"actor":"fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8","role":"admin","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1bd2-752e-a299-fb82e81b3c59"}', '\x01002c6163636f756e743a30316132303062362d316264332d373663302d623536622d326430343935626432623835688f5a73c529a84ff2f05bfaf6dda6a93d04df7a9d9aeb6411a314be1ed619a51a270a0c7e7e28025cdacce4a942f2bdfcacc89ee7a9a8ae6334af5cfaf5712206294540904d834e6b851cb20869de4af37504bb3b8972ffa1bdc6f442c4d8dbb6bd4f063642a067ad002c6163636f756e743a30316132303062362d316264332d373663302d623536622d3264303439356264326238357c7f6dcea9e831bbf1ab835fc660b845577b2a363e6732d1004ec3fce03201f55964e2344cba62cd59179b34914b71bc8c17c46afccc478c7e36fae4bcf412f004f8fe8ea21e8b5dd05834aa3292d883bf3d5cb9a9a60a14a93fd9ac7689eb9be0dc27f725df6351a2ae321347f26b936155d823d6a32f32cf6f3dd23a');
INSERT INTO public.events VALUES (5, 'email', 'b222e884530ec8cec198fe158df8d593b8107fc655841b8aa38e118ee4cf6636', 1, '01a200b6-1bd6-745f-a67f-16a66302d6d7', NULL, 'email.reserved', '1.0.0', NULL, 1795308264408726, '{"account":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85"}', '{"actor":"fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8","role":"admin","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1bd2-752e-a299-fb82e81b3c59"}', NULL);
INSERT INTO public.events VALUES (6, 'counselor', '6e86f0bc-b322-5537-a85e-6879eb133be4', 1, '01a200b6-1bd6-745f-a67f-16a76c681066', NULL, 'counselor.registered', '1.0.0', NULL, 1795308264408726, '{"account":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","character_type_id":1,"counseling_fields":[1],"max_active":null}', '{"actor":"fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8","role":"admin","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1bd2-752e-a299-fb82e81b3c59"}', NULL);
INSERT INTO public.events VALUES (7, 'session', '01a200b6-1bfb-718e-8561-7d05f1c2d4b1', 1, '01a200b6-1bfb-718e-8561-7d067ffc1b5e', NULL, 'session.opened', '1.0.0', NULL, 1795308264446174, '{"account":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","account_version":1,"secret_hash":"079cb9f3ea382a1e51d58c6a3c13249297e40fdfbb6dbecf5bdf1aaf28923cc1","expires_at":1797900264443046}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1bf7-72f2-9713-4ef6c52fd624"}', NULL);
INSERT INTO public.events VALUES (8, 'counselor', '6e86f0bc-b322-5537-a85e-6879eb133be4', 2, '01a200b6-1c1c-7175-ae4c-54fd46038c86', NULL, 'counselor.socket_opened', '1.0.0', NULL, 1795308264487245, '{"connection":"01a200b6-1c1c-7175-ae4c-54fb4142fb8f","node":"01a200b6-1825-7358-a62f-95d2e783bb35"}', '{"role":"system","correlation_id":"01a200b6-1c1c-7175-ae4c-54fc6ce27099"}', NULL);
INSERT INTO public.events VALUES (9, 'counselor', '6e86f0bc-b322-5537-a85e-6879eb133be4', 3, '01a200b6-1c3a-77d6-8d2a-4b7ff6820a3b', NULL, 'counselor.status_changed', '1.0.0', NULL, 1795308264510308, '{"status":"waiting","reason":"chosen"}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1c26-7314-87ad-585ce56b4e74"}', NULL);
INSERT INTO public.events VALUES (10, 'consultation', 'fee6c68c-f41a-86a4-aff0-bb7697f4222c', 1, '01a200b6-1c4f-7447-9931-a3285a0cb1d6', NULL, 'consultation.requested', '1.0.0', NULL, 1795308264578155, '{"requester":{"kind":"guest","id":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9"},"character_type_preference":null,"quick_match":true,"text":0}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1c4e-76c4-ae5d-a3bee498ded6"}', '\x010031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d62623736393766343232326344d2a2df40b9abd97e3b8145a77f561adb9f1b68e4190fb961e0f84cd5b6e0339158f6957ac67984500dd54ed2643d6ca8f293c5ae82ba6d32cd80bf501c8d68461083fa91');
INSERT INTO public.events VALUES (11, 'consultation', 'fee6c68c-f41a-86a4-aff0-bb7697f4222c', 2, '01a200b6-1caa-77ba-9161-9cd6c35cd48f', NULL, 'consultation.offered', '1.0.0', NULL, 1795308264619665, '{"offer":"01a200b6-1caa-77ba-9161-9cd47206325b","counselor":"6e86f0bc-b322-5537-a85e-6879eb133be4","mode":"broadcast","round":1,"candidates":[{"counselor":"6e86f0bc-b322-5537-a85e-6879eb133be4","active_consultations":0,"max_active":3,"character_fits":true,"idle_us":100041,"passed_over":null}]}', '{"role":"system","correlation_id":"01a200b6-1caa-77ba-9161-9cd5490d893a"}', NULL);
INSERT INTO public.events VALUES (12, 'consultation', 'fee6c68c-f41a-86a4-aff0-bb7697f4222c', 3, '01a200b6-1cce-71d2-8906-b628a84f7376', NULL, 'consultation.accepted', '1.0.0', NULL, 1795308264658122, '{"offer":"01a200b6-1caa-77ba-9161-9cd47206325b","counselor":"6e86f0bc-b322-5537-a85e-6879eb133be4","account":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","character_type_id":1,"room":"72baa133-9bde-5555-89a2-0a1c28bb2e46"}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1cc8-725e-9710-80c4ce8ece49"}', NULL);
INSERT INTO public.events VALUES (13, 'counselor', '6e86f0bc-b322-5537-a85e-6879eb133be4', 4, '01a200b6-1cce-71d2-8906-b62924828356', NULL, 'counselor.call_taken', '1.0.0', NULL, 1795308264658122, '{"consultation":"fee6c68c-f41a-86a4-aff0-bb7697f4222c","offer":"01a200b6-1caa-77ba-9161-9cd47206325b"}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1cc8-725e-9710-80c4ce8ece49"}', NULL);
INSERT INTO public.events VALUES (14, 'room', '72baa133-9bde-5555-89a2-0a1c28bb2e46', 1, '01a200b6-1cce-71d2-8906-b62afb493955', NULL, 'room.opened', '1.0.0', NULL, 1795308264658122, '{"room_kind":{"kind":"consultation","id":"fee6c68c-f41a-86a4-aff0-bb7697f4222c"},"creator":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","max_participants":2}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1cc8-725e-9710-80c4ce8ece49"}', NULL);
INSERT INTO public.events VALUES (15, 'room', '72baa133-9bde-5555-89a2-0a1c28bb2e46', 2, '01a200b6-1cce-71d2-8906-b62bce97075c', NULL, 'room.member_added', '1.0.0', NULL, 1795308264658122, '{"person":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"owner"}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1cc8-725e-9710-80c4ce8ece49"}', NULL);
INSERT INTO public.events VALUES (16, 'room', '72baa133-9bde-5555-89a2-0a1c28bb2e46', 3, '01a200b6-1cce-71d2-8906-b62c4f7137ea', NULL, 'room.member_added', '1.0.0', NULL, 1795308264658122, '{"person":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"member"}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1cc8-725e-9710-80c4ce8ece49"}', NULL);
INSERT INTO public.events VALUES (32, 'email', '14380523d6d30c51a16c480fca2a9ddfde5c2fa902a475794d3abc18e568465e', 1, '01a200b6-1f2e-757d-80a2-f9f1a8744f9a', NULL, 'email.reserved', '1.0.0', NULL, 1795308265277356, '{"account":"01a200b6-1f25-70f3-baca-fff2e5542dbe"}', '{"actor":"01a200b6-1f25-70f3-baca-fff2e5542dbe","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f25-70f3-baca-fff11630520b"}', NULL);
INSERT INTO public.events VALUES (17, 'message', '01a200b6-1d2a-725f-90e9-8be409d57fa6', 1, '01a200b6-1e14-771f-9942-70792ece7ac4', NULL, 'message.sent', '1.0.0', NULL, 1795308264982209, '{"message":"01a200b6-1d2a-725f-90e9-8be409d57fa6","room":"72baa133-9bde-5555-89a2-0a1c28bb2e46","sender":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","message_kind":"text","body":0}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1d2a-725f-90e9-8be31382535c"}', '\x010031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d62623736393766343232326338161566e6fb0aad165266d294d54dbc913222f8e7708d17dda72c5ff93e10c575043d5ede1e9a07219397075df493a8b54a865558a70f26aa');
INSERT INTO public.events VALUES (18, 'message', '01a200b6-1e22-757e-90fc-e3662ec570d0', 1, '01a200b6-1e22-757e-90fc-e367d9c5876f', NULL, 'message.sent', '1.0.0', NULL, 1795308264998342, '{"message":"01a200b6-1e22-757e-90fc-e3662ec570d0","room":"72baa133-9bde-5555-89a2-0a1c28bb2e46","sender":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","message_kind":"text","body":0}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1e22-757e-90fc-e365b1dc08ae"}', '\x010031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d62623736393766343232326337c6e49294b903bae6a841e5672b59d9b5fca0595d21113d0515ee86930348c84b5a0698d719bc78af018bd9c4540802572b003a10f8f6f2');
INSERT INTO public.events VALUES (19, 'consultation', 'fee6c68c-f41a-86a4-aff0-bb7697f4222c', 4, '01a200b6-1e2f-74b4-baa4-8d68854528cc', NULL, 'consultation.completed', '1.0.0', NULL, 1795308265010183, '{"reason":"ended_by_user","counselor":"6e86f0bc-b322-5537-a85e-6879eb133be4"}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1e2e-77a0-b18c-98d1b492f406"}', NULL);
INSERT INTO public.events VALUES (20, 'counselor', '6e86f0bc-b322-5537-a85e-6879eb133be4', 5, '01a200b6-1e2f-74b4-baa4-8d6916364d5d', NULL, 'counselor.call_released', '1.0.0', NULL, 1795308265010183, '{"consultation":"fee6c68c-f41a-86a4-aff0-bb7697f4222c","end":"completed"}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1e2e-77a0-b18c-98d1b492f406"}', NULL);
INSERT INTO public.events VALUES (21, 'room', '72baa133-9bde-5555-89a2-0a1c28bb2e46', 4, '01a200b6-1e2f-74b4-baa4-8d6ad72b3655', NULL, 'room.closed', '1.0.0', NULL, 1795308265010183, '{}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1e2e-77a0-b18c-98d1b492f406"}', NULL);
INSERT INTO public.events VALUES (22, 'consultation', 'fee6c68c-f41a-86a4-aff0-bb7697f4222c', 5, '01a200b6-1e4a-713a-81b5-011858a16344', NULL, 'consultation.rated', '1.0.0', NULL, 1795308265038549, '{"score":5,"comment":0}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1e47-77be-9488-397d2e1659b6"}', '\x010031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232632d088307ca75ad45ee39153f5c9d2c8d1bb95a594a5bd56dcb9fbee197264b65772ea4cfc2e1d51d6aef9b4eca56');
INSERT INTO public.events VALUES (23, 'consultation', 'fee6c68c-f41a-86a4-aff0-bb7697f4222c', 6, '01a200b6-1e86-7215-80e0-8cae7b04b0fc', NULL, 'consultation.card_issued', '1.0.0', NULL, 1795308265098165, '{"card":"01a200b6-1e86-7215-80e0-8cad7eb3c94f","summary_by":"extractive","text":0}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1e6f-7555-a56d-39d0ac4e5fd2"}', '\x010031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232637496c7aa082abfcc897569ca35b1b4b97b48b17d0dc684f2341961c6da7341a5315238f3e3b007785bd268c128cf64a9d6c495a29ad0056f97ebffe76f476542ce4e0ce7207acb0529f30bc15e5ef33bb318921beddfc57b438291b2af884d02099ee2ec482b0a783efe6c2415eaeb6e5b093e2c06');
INSERT INTO public.events VALUES (24, 'counselor', '6e86f0bc-b322-5537-a85e-6879eb133be4', 6, '01a200b6-1eae-77bf-93f1-6fb4bbe07e4f', NULL, 'counselor.socket_closed', '1.0.0', NULL, 1795308265138281, '{"connection":"01a200b6-1c1c-7175-ae4c-54fb4142fb8f","end":"closed"}', '{"role":"system","correlation_id":"01a200b6-1eae-77bf-93f1-6fb32c81fe5b"}', NULL);
INSERT INTO public.events VALUES (25, 'account', '01a200b6-1eaf-76e9-8053-aaebeb5dbe54', 1, '01a200b6-1eb2-76fa-954c-d4c6ffedc3c8', NULL, 'account.registered', '1.0.0', NULL, 1795308265174397, '{"email_key":"fa997c998c7a7a0c8d68e9b88e78cbde52d6068061f86cec25a155154cf615fe","role":"user","profile":0,"password_hash":1}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1eae-77bf-93f1-6fb52acbc123"}', '\x01002c6163636f756e743a30316132303062362d316561662d373665392d383035332d61616562656235646265353468cdd9bd684c075251cb012c779a6f9453bd92c931dfd62790536212e356f13ad65c42a0c49e60c5a76eedb4b05f2c78fee4df633de0fee6dcbf54707b83f522d26f2f94b9f94e989e0f47ad349e268f35934874fcbc0a5625b52d6b4e56f1930c4f21fb8bffe77ab3002c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535347c33ef2caa7e572d773a5f7fa7fdc54388f4ce64dbd04ed876e24f45fce9494d6a33ab02035e476fd6998da1120e339c6a3bf3822587d4481731d55bf88773e293a571b9a3751ac057e8a16c5afb96be8b7cb134cb8e55bd1c2bdc442ee89c1902fd78333479dacaf718a7009fa0914d15d7a3a1f0b6abe881daa5055e');
INSERT INTO public.events VALUES (26, 'email', 'fa997c998c7a7a0c8d68e9b88e78cbde52d6068061f86cec25a155154cf615fe', 1, '01a200b6-1eb2-76fa-954c-d4c784d2f0db', NULL, 'email.reserved', '1.0.0', NULL, 1795308265174397, '{"account":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1eae-77bf-93f1-6fb52acbc123"}', NULL);
INSERT INTO public.events VALUES (27, 'session', '01a200b6-1ef6-7270-84c4-0baf73239d7d', 1, '01a200b6-1ef6-7270-84c4-0bb075b1235f', NULL, 'session.opened', '1.0.0', NULL, 1795308265210623, '{"account":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","account_version":1,"secret_hash":"7492a6d08d55ce6499b86b265bbdd4ec1b4e4f12fbca60e2b4c5d7df80bb519e","expires_at":1797900265206372}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1ee6-704c-b4e7-6eff294d7260"}', NULL);
INSERT INTO public.events VALUES (28, 'account', '01a200b6-1f05-76cc-8350-59be1e4a224b', 1, '01a200b6-1f06-7704-baf9-5347ebe66201', NULL, 'account.registered', '1.0.0', NULL, 1795308265224645, '{"email_key":"700315b98d48a0797561fd695d0f5f4e3a6762989dac18de681de55cff441e5a","role":"user","profile":0,"password_hash":1}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f05-76cc-8350-59bd14a0a2f3"}', '\x01002c6163636f756e743a30316132303062362d316630352d373663632d383335302d353962653165346132323462655de9faded05a0786bd98820559806a3d1a3fd1c7c1c31a52ba67e95850f576e24ff759bc69179bebacb8356d628bdd9ce6e6cededc1dbe4d2a46c18055db029e8af746023d5f8837734029e2b8806c8b86ee937a3125c7ef2e00d0ac9f40b620662ba0e43f002c6163636f756e743a30316132303062362d316630352d373663632d383335302d3539626531653461323234627c99bb45abdb3f3efc318e5117627db571164d32a12136e2bdae37380fdc6f1b46718aa088faff6ad34c52ef3083f91e3b0b54da452a39b84355a2645d30c1905702214550ea8e8660e167719451b3d5dabfc3be59e361f8cf848ffffea1a444324855ced5749273b5600e80b3fd267302fafdb4b2010acd84510613d8');
INSERT INTO public.events VALUES (29, 'email', '700315b98d48a0797561fd695d0f5f4e3a6762989dac18de681de55cff441e5a', 1, '01a200b6-1f06-7704-baf9-5348e073ed6e', NULL, 'email.reserved', '1.0.0', NULL, 1795308265224645, '{"account":"01a200b6-1f05-76cc-8350-59be1e4a224b"}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f05-76cc-8350-59bd14a0a2f3"}', NULL);
INSERT INTO public.events VALUES (30, 'session', '01a200b6-1f12-7604-a917-67a7b39b7745', 1, '01a200b6-1f12-7604-a917-67a816a25d44', NULL, 'session.opened', '1.0.0', NULL, 1795308265238165, '{"account":"01a200b6-1f05-76cc-8350-59be1e4a224b","account_version":1,"secret_hash":"df7e396f479bc7af902d82d96c6ff9cef54b37b0896db1030190735b1ab2c57e","expires_at":1797900265234183}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f0b-76c3-ab26-84c7d1615e63"}', NULL);
INSERT INTO public.events VALUES (31, 'account', '01a200b6-1f25-70f3-baca-fff2e5542dbe', 1, '01a200b6-1f2e-757d-80a2-f9f01faae111', NULL, 'account.registered', '1.0.0', NULL, 1795308265277356, '{"email_key":"14380523d6d30c51a16c480fca2a9ddfde5c2fa902a475794d3abc18e568465e","role":"user","profile":0,"password_hash":1}', '{"actor":"01a200b6-1f25-70f3-baca-fff2e5542dbe","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f25-70f3-baca-fff11630520b"}', '\x01002c6163636f756e743a30316132303062362d316632352d373066332d626163612d6666663265353534326462656fab3a9978d120dce2c42a1c81625f79c0239adfb38a55298d07db8a723e56d511ec2891a5a2d964db403b0a566016c3e2d2e2825a71a5167ecb5a565e56d24cbc8bfba62280942d65fa254262531c725d408234928fe5d55d0c8344ab668196a133741ba6511118c3d1cee4a383a37a002c6163636f756e743a30316132303062362d316632352d373066332d626163612d6666663265353534326462657c13838aa0f8f5367926da6d030c4078a6d0ef68d8817a589327d9e9a3128e9b18ddb03531810a26f7746550d6841524b240507034c9aa99c85900887bb5960a1b3f0335b32b3453de6435a7e2305037f1cedce84ee3b4383400bc87f1e82694ccd8c9526a0e9d56813506e1f5402bb30d635296e94c3425761f6ed75d');
INSERT INTO public.events VALUES (33, 'session', '01a200b6-1f5a-7337-8bdb-6d2d52b1fd73', 1, '01a200b6-1f5a-7337-8bdb-6d2ede4dcad9', NULL, 'session.opened', '1.0.0', NULL, 1795308265307012, '{"account":"01a200b6-1f25-70f3-baca-fff2e5542dbe","account_version":1,"secret_hash":"8ef0f3e31aca84c5e919b0110774128522bd5bfecaa186e446e163da4c02f2f0","expires_at":1797900265306162}', '{"actor":"01a200b6-1f25-70f3-baca-fff2e5542dbe","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f4d-7337-8cfd-aea8c3499c20"}', NULL);
INSERT INTO public.events VALUES (34, 'room', '93d7a49d-8cb3-59e8-bba1-45a0c959ce59', 1, '01a200b6-1f74-7260-ab03-bf4de194b92e', NULL, 'room.opened', '1.0.0', NULL, 1795308265332997, '{"room_kind":{"kind":"direct"},"creator":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","max_participants":2}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f72-7453-ae10-aa7039a2c11f"}', NULL);
INSERT INTO public.events VALUES (35, 'room', '93d7a49d-8cb3-59e8-bba1-45a0c959ce59', 2, '01a200b6-1f74-7260-ab03-bf4e22de7d75', NULL, 'room.member_added', '1.0.0', NULL, 1795308265332997, '{"person":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"owner"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f72-7453-ae10-aa7039a2c11f"}', NULL);
INSERT INTO public.events VALUES (36, 'room', '93d7a49d-8cb3-59e8-bba1-45a0c959ce59', 3, '01a200b6-1f74-7260-ab03-bf4fe1c071df', NULL, 'room.member_added', '1.0.0', NULL, 1795308265332997, '{"person":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"member"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f72-7453-ae10-aa7039a2c11f"}', NULL);
INSERT INTO public.events VALUES (37, 'room', '01a200b6-1f9f-7374-8c7f-136faf55308b', 1, '01a200b6-1fa0-7325-82bb-988cb10c438d', NULL, 'room.opened', '1.0.0', NULL, 1795308265387051, '{"room_kind":{"kind":"group"},"creator":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","max_participants":100}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f9e-71c6-96d9-f7c237d24e7d"}', NULL);
INSERT INTO public.events VALUES (38, 'room', '01a200b6-1f9f-7374-8c7f-136faf55308b', 2, '01a200b6-1fa0-7325-82bb-988d35e52c4a', NULL, 'room.member_added', '1.0.0', NULL, 1795308265387051, '{"person":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"owner"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f9e-71c6-96d9-f7c237d24e7d"}', NULL);
INSERT INTO public.events VALUES (39, 'room', '01a200b6-1f9f-7374-8c7f-136faf55308b', 3, '01a200b6-1fa0-7325-82bb-988e0019872d', NULL, 'room.member_added', '1.0.0', NULL, 1795308265387051, '{"person":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"member"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f9e-71c6-96d9-f7c237d24e7d"}', NULL);
INSERT INTO public.events VALUES (40, 'room', '01a200b6-1f9f-7374-8c7f-136faf55308b', 4, '01a200b6-1fa0-7325-82bb-988f4b8bd58f', NULL, 'room.member_added', '1.0.0', NULL, 1795308265387051, '{"person":"01a200b6-1f25-70f3-baca-fff2e5542dbe","role":"member"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f9e-71c6-96d9-f7c237d24e7d"}', NULL);
INSERT INTO public.events VALUES (41, 'room', '01a200b6-1f9f-7374-8c7f-136faf55308b', 5, '01a200b6-1fa0-7325-82bb-9890479f89e5', NULL, 'room.described', '1.0.0', NULL, 1795308265387051, '{"text":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1f9e-71c6-96d9-f7c237d24e7d"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d61616562656235646265353429726f6f6d3a30316132303062362d316639662d373337342d386337662d3133366661663535333038622d73b942cbb16e4488947dfe551876b69b6cfaa7d469c44b2ebf6fb3b62fd7b296780730c12506c9f5450750a07a');
INSERT INTO public.events VALUES (42, 'message', '01a200b6-1fc2-74b4-82c4-a22416821c58', 1, '01a200b6-1fc2-74b4-82c4-a2257b5c72c8', NULL, 'message.sent', '1.0.0', NULL, 1795308265462634, '{"message":"01a200b6-1fc2-74b4-82c4-a22416821c58","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59","sender":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","message_kind":"text","body":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-1fb9-70fc-92e0-8df2284364cc"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d61616562656235646265353438726f6f6d2d6461793a39336437613439642d386362332d353965382d626261312d3435613063393539636535393a323032362d31312d32323eed6063150a915bcd7417ccc990b04c4fbbadceb097633630f56cf66e030c0a9c87e14bba9795d65e70fa747219c4da94d5a6147610858318f98ba36d8e59');
INSERT INTO public.events VALUES (43, 'message', '01a200b6-201a-77fa-a7ca-17bbd1a76684', 1, '01a200b6-201a-77fa-a7ca-17bcabd4c396', NULL, 'message.sent', '1.0.0', NULL, 1795308265499335, '{"message":"01a200b6-201a-77fa-a7ca-17bbd1a76684","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59","sender":"01a200b6-1f05-76cc-8350-59be1e4a224b","message_kind":"text","body":0}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2000-72ea-b5ce-e93f57721c25"}', '\x01012c6163636f756e743a30316132303062362d316630352d373663632d383335302d35396265316534613232346238726f6f6d2d6461793a39336437613439642d386362332d353965382d626261312d3435613063393539636535393a323032362d31312d323235279368d64850a172aa517d9ebaf0e0ae274d86524676b51a4e2e7c9896a48425d231d1fca4e897b89f69e3d03b696000232e8c9d6a');
INSERT INTO public.events VALUES (44, 'message', '01a200b6-2037-7078-a928-6b2cd5cb70f1', 1, '01a200b6-2037-7078-a928-6b2dba381dfc', NULL, 'message.sent', '1.0.0', NULL, 1795308265563088, '{"message":"01a200b6-2037-7078-a928-6b2cd5cb70f1","room":"01a200b6-1f9f-7374-8c7f-136faf55308b","sender":"01a200b6-1f25-70f3-baca-fff2e5542dbe","message_kind":"text","body":0}', '{"actor":"01a200b6-1f25-70f3-baca-fff2e5542dbe","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2032-7207-bf3f-f26cb5349a76"}', '\x01012c6163636f756e743a30316132303062362d316632352d373066332d626163612d66666632653535343264626538726f6f6d2d6461793a30316132303062362d316639662d373337342d386337662d3133366661663535333038623a323032362d31312d323234fd5b461a75ef766efa300365e54646bbc73d9c6c06bd3cd550336fef97d70b49a26f8a791225bed6a4f26aadfc4a6351a043fd00');
INSERT INTO public.events VALUES (45, 'message', '01a200b6-2076-74a2-a798-c4dc78d53880', 1, '01a200b6-2076-74a2-a798-c4dd87c51878', NULL, 'message.sent', '1.0.0', NULL, 1795308265594708, '{"message":"01a200b6-2076-74a2-a798-c4dc78d53880","room":"01a200b6-1f9f-7374-8c7f-136faf55308b","sender":"01a200b6-1f05-76cc-8350-59be1e4a224b","message_kind":"text","body":0}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2072-715f-ad9d-b1907012277d"}', '\x01012c6163636f756e743a30316132303062362d316630352d373663632d383335302d35396265316534613232346238726f6f6d2d6461793a30316132303062362d316639662d373337342d386337662d3133366661663535333038623a323032362d31312d3232310692bacbb1d8c94e3e537c82cdc8c9d11c44a29cc33b611c463061646ca09db69b50528e4541a557d62ad32269f3618ae5');
INSERT INTO public.events VALUES (46, 'message', '01a200b6-1fc2-74b4-82c4-a22416821c58', 2, '01a200b6-2097-75b9-9bde-5a114249de6c', NULL, 'message.edited', '1.0.0', NULL, 1795308265623639, '{"message":"01a200b6-1fc2-74b4-82c4-a22416821c58","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59","sender":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","number":42,"body":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-208a-7639-bb20-b7d1fcca576a"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d61616562656235646265353438726f6f6d2d6461793a39336437613439642d386362332d353965382d626261312d3435613063393539636535393a323032362d31312d323245ebe9f29a1c7bed3e65226852b9f81fddf85c0aea3ef49d32a5c5dbd60516d4e3061d5b4d8b4435fa4bd97569f4bda7666d6e65cb27736b5d9bbc04887291694e87af87c9c4');
INSERT INTO public.events VALUES (47, 'message', '01a200b6-201a-77fa-a7ca-17bbd1a76684', 2, '01a200b6-20ae-71c8-a7ff-c2c92326d30b', NULL, 'message.deleted', '1.0.0', NULL, 1795308265654150, '{"message":"01a200b6-201a-77fa-a7ca-17bbd1a76684","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59","sender":"01a200b6-1f05-76cc-8350-59be1e4a224b","by":"01a200b6-1f05-76cc-8350-59be1e4a224b","number":43}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-20a2-7599-a218-4eedb69c76f2"}', NULL);
INSERT INTO public.events VALUES (64, 'session', '01a200b6-2256-7193-b4fd-bfc023aaa0b7', 1, '01a200b6-2256-7193-b4fd-bfc10c0b365c', NULL, 'session.opened', '1.0.0', NULL, 1795308266071638, '{"account":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","account_version":1,"secret_hash":"55ed1f5284a825399c0577093b8a90b00a9a356b6db9f577f93545761ce93cef","expires_at":1797900266070905}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-224e-700c-8e9b-594fe277f4f3"}', NULL);
INSERT INTO public.events VALUES (48, 'upload', '01a200b6-20e1-731d-b4af-301cd7f252ee', 1, '01a200b6-211a-7246-896a-ea1db070efd6', NULL, 'upload.stored', '1.0.0', NULL, 1795308265755424, '{"upload":"01a200b6-20e1-731d-b4af-301cd7f252ee","owner":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59","object":"01a200b6-20e6-75bb-970d-cfdb02a4dc12","size":13,"media_type":"application/octet-stream","kind":"file","details":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-20df-7338-8762-ad59c0fce55b"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535342b75706c6f61643a30316132303062362d323065312d373331642d623461662d3330316364376632353265652c33814bf0557fbf7d6756efc31131e352f4c0108666c023eda43b666679af347fb0bf9aa33ae5f62d5c133a61');
INSERT INTO public.events VALUES (49, 'message', '01a200b6-211d-7294-879c-66f2d1c28560', 1, '01a200b6-211d-7294-879c-66f399d2fe5b', NULL, 'message.sent', '1.0.0', NULL, 1795308265758377, '{"message":"01a200b6-211d-7294-879c-66f2d1c28560","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59","sender":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","message_kind":"file","file":"01a200b6-20e1-731d-b4af-301cd7f252ee","body":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-20df-7338-8762-ad59c0fce55b"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d61616562656235646265353438726f6f6d2d6461793a39336437613439642d386362332d353965382d626261312d3435613063393539636535393a323032362d31312d3232386ca383f1d37469c82a9bfbd6c49f723c31055c790f4be93db8abd0a6927a011f2a5dc17f28d823ff582b9edb2e2c92f4abe165e603a511f3');
INSERT INTO public.events VALUES (50, 'upload', '01a200b6-20e1-731d-b4af-301cd7f252ee', 2, '01a200b6-211d-7294-879c-66f43ba993b9', NULL, 'upload.attached', '1.0.0', NULL, 1795308265758377, '{"upload":"01a200b6-20e1-731d-b4af-301cd7f252ee","message":"01a200b6-211d-7294-879c-66f2d1c28560","room":"93d7a49d-8cb3-59e8-bba1-45a0c959ce59"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-20df-7338-8762-ad59c0fce55b"}', NULL);
INSERT INTO public.events VALUES (51, 'emotion', '01a200b6-2124-755e-b536-0d76ccbaaf01', 1, '01a200b6-2124-755e-b536-0d778c80528a', NULL, 'emotion.opened', '1.0.0', NULL, 1795308265767324, '{"owner":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","opening":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2123-728b-8984-f63fea167edb"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535342c656d6f74696f6e3a30316132303062362d323132342d373535652d623533362d3064373663636261616630311ef12af44e5202d48fe30d8b36dc0725a64eda3edcc8f603f61ecd5d28d604');
INSERT INTO public.events VALUES (52, 'emotion', '01a200b6-2124-755e-b536-0d76ccbaaf01', 2, '01a200b6-2142-77c8-b57b-730f1edea9cd', NULL, 'emotion.step_asked', '1.0.0', NULL, 1795308265795454, '{"owner":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","step":"01a200b6-2142-77c8-b57b-730e66dbb7f5","step_order":1,"step_type":"normal","node":"01a200b6-1825-7358-a62f-95d2e783bb35","input":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2136-73df-a06f-c4c1dcec8ff2"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535342c656d6f74696f6e3a30316132303062362d323132342d373535652d623533362d3064373663636261616630314775508ee2775ebb7f99b5756df1b7373644a43259bb2e620aea33d895e3a17c0f1327a6878a135a1e4082c06417ce830be5baf561350c57b94777da66a7763c8d39ae5f58677ee1');
INSERT INTO public.events VALUES (53, 'emotion', '01a200b6-2124-755e-b536-0d76ccbaaf01', 3, '01a200b6-2147-76a4-a69b-bf54059d7d2f', NULL, 'emotion.step_answered', '1.0.0', NULL, 1795308265806209, '{"owner":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","step":"01a200b6-2142-77c8-b57b-730e66dbb7f5","responder":"built_in","emotion":{"label":"anxiety","intensity":0.6000000238418579},"usage":{"prompt_tokens":0,"answer_tokens":0},"truncated":false,"answer":0}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","causation_id":"01a200b6-2142-77c8-b57b-730f1edea9cd","correlation_id":"01a200b6-2136-73df-a06f-c4c1dcec8ff2"}', '\x01012c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535342c656d6f74696f6e3a30316132303062362d323132342d373535652d623533362d306437366363626161663031aa010b660705e5063fffc1f90c1058444194d3a8b8bbde9a32fbe15e2008d8b4b8d832d0ddd78ab01dea624c76d700508898d3d2fda81a5596162ad42e7200396a061b970c8ef8e588cf221d68a2b1c1df292ed033fa915ba4b224857db49c3a5a0876b181d72df08ac577fed938dafe07ed1c10557c7e68b5ee8f01c3c527186bffd021019a74fa355ac7edbdfe385dc3d9e20aa2e40a1b63e6873da7e8b0101559053915d33033064dce3f');
INSERT INTO public.events VALUES (54, 'emotion', '01a200b6-2124-755e-b536-0d76ccbaaf01', 4, '01a200b6-2163-7595-9de8-06f46223c9b3', NULL, 'emotion.ended', '1.0.0', NULL, 1795308265827986, '{"owner":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54"}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2162-7710-b049-1fab3ae3e911"}', NULL);
INSERT INTO public.events VALUES (55, 'erasure', '01a200b6-1f25-70f3-baca-fff2e5542dbe', 1, '01a200b6-2178-7498-8dbc-247c1b99c679', NULL, 'erasure.requested', '1.0.0', NULL, 1795308265858870, '{"erasure":"01a200b6-2177-7443-b68d-f0a6bfb09dac","subject":{"kind":"account","id":"01a200b6-1f25-70f3-baca-fff2e5542dbe"}}', '{"actor":"01a200b6-1f25-70f3-baca-fff2e5542dbe","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2176-7570-bb35-63c8b84fd05d"}', NULL);
INSERT INTO public.events VALUES (56, 'account', '01a200b6-1f25-70f3-baca-fff2e5542dbe', 2, '01a200b6-2198-7720-b86e-fe08c2ef5973', NULL, 'account.erased', '1.0.0', NULL, 1795308265880929, '{}', '{"role":"system","correlation_id":"01a200b6-2197-73a9-8415-7b7e29eb3533"}', NULL);
INSERT INTO public.events VALUES (57, 'email', '14380523d6d30c51a16c480fca2a9ddfde5c2fa902a475794d3abc18e568465e', 2, '01a200b6-2198-7720-b86e-fe098921e037', NULL, 'email.released', '1.0.0', NULL, 1795308265880929, '{"account":"01a200b6-1f25-70f3-baca-fff2e5542dbe"}', '{"role":"system","correlation_id":"01a200b6-2197-73a9-8415-7b7e29eb3533"}', NULL);
INSERT INTO public.events VALUES (58, 'erasure', '01a200b6-1f25-70f3-baca-fff2e5542dbe', 2, '01a200b6-21b5-7635-a768-c4c68e175082', NULL, 'erasure.completed', '1.0.0', NULL, 1795308265909916, '{"erasure":"01a200b6-2177-7443-b68d-f0a6bfb09dac","subject":{"kind":"account","id":"01a200b6-1f25-70f3-baca-fff2e5542dbe"},"requested_at":1795308265858870,"completed_at":1795308265908898,"consultations":0,"files":0,"key":"ec91e583602967dc39a61bf0a6ba81241404f7fe7302cfea29c17fc6fec859c9","signature":"d0d88fb99aa19182a6c061db1e0e25bf6c9e9c09519f5983c9b4d65738b5bc8d1f20f25f0798bbe11465fd73c78bc245e4c446d3968d9f1bb80803548b32f20d"}', '{"role":"system","correlation_id":"01a200b6-21b5-7635-a768-c4c59dcb5982"}', NULL);
INSERT INTO public.events VALUES (59, 'presence', '01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9', 1, '01a200b6-21e9-774e-8404-d37c42d0dca3', NULL, 'presence.left', '1.0.0', NULL, 1795308265961927, '{"person":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9"}', '{"role":"system","correlation_id":"01a200b6-21e8-7314-9327-8c77742fa090"}', NULL);
INSERT INTO public.events VALUES (60, 'member', '72baa133-9bde-5555-89a2-0a1c28bb2e46-01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9', 1, '01a200b6-21ea-710c-baab-c026ffa69b96', NULL, 'member.delivered', '1.0.0', NULL, 1795308265966153, '{"room":"72baa133-9bde-5555-89a2-0a1c28bb2e46","person":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","number":58}', '{"actor":"01a200b6-1c4e-76c4-ae5d-a3bfa9dee2f9","role":"guest","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-21ea-710c-baab-c025cc5ff4a0"}', NULL);
INSERT INTO public.events VALUES (61, 'presence', '01a200b6-1bd3-76c0-b56b-2d0495bd2b85', 1, '01a200b6-21ec-7087-92e7-2f71072f7881', NULL, 'presence.left', '1.0.0', NULL, 1795308265973658, '{"person":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85"}', '{"role":"system","correlation_id":"01a200b6-21e8-7314-9327-8c763fc6b0d6"}', NULL);
INSERT INTO public.events VALUES (62, 'member', '72baa133-9bde-5555-89a2-0a1c28bb2e46-01a200b6-1bd3-76c0-b56b-2d0495bd2b85', 1, '01a200b6-21fa-7084-810d-97274964a3ea', NULL, 'member.delivered', '1.0.0', NULL, 1795308265978584, '{"room":"72baa133-9bde-5555-89a2-0a1c28bb2e46","person":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","number":61}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-21f6-717a-9d09-d9887b977391"}', NULL);
INSERT INTO public.events VALUES (63, 'session', '01a200b6-221e-76ce-adf3-79b2413f2d46', 1, '01a200b6-221f-72b3-9b67-87c39874f2b9', NULL, 'session.opened', '1.0.0', NULL, 1795308266015789, '{"account":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","account_version":1,"secret_hash":"8d765c97823ac848f8ba680ca7d55324f62a40aafa52e1c33998e5b2edcf27a8","expires_at":1797900266014981}', '{"actor":"01a200b6-1bd3-76c0-b56b-2d0495bd2b85","role":"counselor","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-221a-7495-8c3d-db1e609f1e67"}', NULL);
INSERT INTO public.events VALUES (65, 'session', '01a200b6-2286-7084-82ac-eb571ea58a07', 1, '01a200b6-2286-7084-82ac-eb5867e07d28', NULL, 'session.opened', '1.0.0', NULL, 1795308266119456, '{"account":"01a200b6-1f05-76cc-8350-59be1e4a224b","account_version":1,"secret_hash":"ddb346f88fe825088b85f5ef0c7d8864645d31ab18488a0b15bb83c18b497b2f","expires_at":1797900266118655}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-2282-75ff-b868-8ea29176672f"}', NULL);
INSERT INTO public.events VALUES (66, 'session', '01a200b6-22a6-7488-b1a3-59a523d84ceb', 1, '01a200b6-22a6-7488-b1a3-59a6335bac2d', NULL, 'session.opened', '1.0.0', NULL, 1795308266151236, '{"account":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","account_version":1,"secret_hash":"8f76f2114e9b64f688ccb234939a53d8c6a056a261bf45d8d2c54a9625a9e453","expires_at":1797900266150565}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-22a2-7442-b6d6-bf84607cc2fc"}', NULL);
INSERT INTO public.events VALUES (67, 'session', '01a200b6-22d4-703c-9f29-c464fddd674b', 1, '01a200b6-22d4-703c-9f29-c465b37ce8b0', NULL, 'session.opened', '1.0.0', NULL, 1795308266197182, '{"account":"01a200b6-1f05-76cc-8350-59be1e4a224b","account_version":1,"secret_hash":"303f9bd38cafaecf33716fcf66c6f86c46da03abcb007888fb144cff04fdb054","expires_at":1797900266196392}', '{"actor":"01a200b6-1f05-76cc-8350-59be1e4a224b","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-22d2-721b-acc1-0de17dc2202b"}', NULL);
INSERT INTO public.events VALUES (68, 'session', '01a200b6-22eb-71fb-b36f-3c038e246a71', 1, '01a200b6-22eb-71fb-b36f-3c0421026f62', NULL, 'session.opened', '1.0.0', NULL, 1795308266222182, '{"account":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","account_version":1,"secret_hash":"1888dc1cbecfcf3d57fc4ebe4dbe8bfc3cd1f8f2e1ef3fc2ec7d79fa308a4c9b","expires_at":1797900266219817}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-22ea-72e9-8dc3-ffb13af135f9"}', NULL);
INSERT INTO public.events VALUES (69, 'session', '01a200b6-230e-7303-914f-0c39536e8868', 1, '01a200b6-230e-7303-914f-0c3a12cb38df', NULL, 'session.opened', '1.0.0', NULL, 1795308266255578, '{"account":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","account_version":1,"secret_hash":"5227eb25d805a89faa5cba2353a7e8f3d91bcea8a2f6a769c85da4b04cd3b4ef","expires_at":1797900266254678}', '{"actor":"01a200b6-1eaf-76e9-8053-aaebeb5dbe54","role":"user","address":"d6e78c40fc5b5936b0960e11d76a1773","correlation_id":"01a200b6-230a-7779-82cb-11322f93660e"}', NULL);


--
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: log_head; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.log_head VALUES (true);


--
-- Data for Name: schema_steps; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.schema_steps VALUES ('events', 1);
INSERT INTO public.schema_steps VALUES ('leases', 1);


--
-- Data for Name: accesses; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: accounts; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.accounts VALUES (1, '\xfbdef25bca2d5ab2a55273f3f6df9fe8', 'admin', 1, 'e3141db5614808f036e0a3267119b94fd58cc43785071e0065a7fdc0ca7b56df', '\x010000000000000001002c6163636f756e742d66626465663235622d636132642d356162322d613535322d373366336636646639666538002c6163636f756e743a66626465663235622d636132642d356162322d613535322d3733663366366466396665380000f1734572f912762e613a2d9aeb272a66a446954b252a9a36ef895b0bb7a9ad25a6f105d806a85aa038a3605fea457551c9863a50f86cf843b2e6aa5e27373e5285857218a5e5d2a0c3f85792a8b9cd41', '\x010000000000000001002c6163636f756e742d66626465663235622d636132642d356162322d613535322d373366336636646639666538002c6163636f756e743a66626465663235622d636132642d356162322d613535322d37336633663664663966653800009a2f5302b311089d7c83ba6cd05cd2f8cefce272bf3a749209b3b3e7aa23f3f787401f881c46ef43e4f4d7aecf1ae668124db6d65ae3515d94d9a4a36ac1bff187ca0b7ca776c78716d2d7751abe63ac646660b694995173370f480a57bcab412fcf634c749f81e27f139c2cb65e0e0d07d61446391b4ed24828fd30', 1, 0, NULL, 1795308264207054, 1795308264207054, NULL, NULL);
INSERT INTO read_models.accounts VALUES (4, '\x01a200b61bd376c0b56b2d0495bd2b85', 'counselor', 1, 'b222e884530ec8cec198fe158df8d593b8107fc655841b8aa38e118ee4cf6636', '\x010000000000000001002c6163636f756e742d30316132303062362d316264332d373663302d623536622d326430343935626432623835002c6163636f756e743a30316132303062362d316264332d373663302d623536622d32643034393562643262383500008f5a73c529a84ff2f05bfaf6dda6a93d04df7a9d9aeb6411a314be1ed619a51a270a0c7e7e28025cdacce4a942f2bdfcacc89ee7a9a8ae6334af5cfaf5712206294540904d834e6b851cb20869de4af37504bb3b8972ffa1bdc6f442c4d8dbb6bd4f063642a067ad', '\x010000000000000001002c6163636f756e742d30316132303062362d316264332d373663302d623536622d326430343935626432623835002c6163636f756e743a30316132303062362d316264332d373663302d623536622d32643034393562643262383500007f6dcea9e831bbf1ab835fc660b845577b2a363e6732d1004ec3fce03201f55964e2344cba62cd59179b34914b71bc8c17c46afccc478c7e36fae4bcf412f004f8fe8ea21e8b5dd05834aa3292d883bf3d5cb9a9a60a14a93fd9ac7689eb9be0dc27f725df6351a2ae321347f26b936155d823d6a32f32cf6f3dd23a', 1, 0, NULL, 1795308264408726, 1795308264408726, NULL, NULL);
INSERT INTO read_models.accounts VALUES (25, '\x01a200b61eaf76e98053aaebeb5dbe54', 'user', 1, 'fa997c998c7a7a0c8d68e9b88e78cbde52d6068061f86cec25a155154cf615fe', '\x010000000000000001002c6163636f756e742d30316132303062362d316561662d373665392d383035332d616165626562356462653534002c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535340000cdd9bd684c075251cb012c779a6f9453bd92c931dfd62790536212e356f13ad65c42a0c49e60c5a76eedb4b05f2c78fee4df633de0fee6dcbf54707b83f522d26f2f94b9f94e989e0f47ad349e268f35934874fcbc0a5625b52d6b4e56f1930c4f21fb8bffe77ab3', '\x010000000000000001002c6163636f756e742d30316132303062362d316561662d373665392d383035332d616165626562356462653534002c6163636f756e743a30316132303062362d316561662d373665392d383035332d616165626562356462653534000033ef2caa7e572d773a5f7fa7fdc54388f4ce64dbd04ed876e24f45fce9494d6a33ab02035e476fd6998da1120e339c6a3bf3822587d4481731d55bf88773e293a571b9a3751ac057e8a16c5afb96be8b7cb134cb8e55bd1c2bdc442ee89c1902fd78333479dacaf718a7009fa0914d15d7a3a1f0b6abe881daa5055e', 1, 0, NULL, 1795308265174397, 1795308265174397, NULL, NULL);
INSERT INTO read_models.accounts VALUES (28, '\x01a200b61f0576cc835059be1e4a224b', 'user', 1, '700315b98d48a0797561fd695d0f5f4e3a6762989dac18de681de55cff441e5a', '\x010000000000000001002c6163636f756e742d30316132303062362d316630352d373663632d383335302d353962653165346132323462002c6163636f756e743a30316132303062362d316630352d373663632d383335302d35396265316534613232346200005de9faded05a0786bd98820559806a3d1a3fd1c7c1c31a52ba67e95850f576e24ff759bc69179bebacb8356d628bdd9ce6e6cededc1dbe4d2a46c18055db029e8af746023d5f8837734029e2b8806c8b86ee937a3125c7ef2e00d0ac9f40b620662ba0e43f', '\x010000000000000001002c6163636f756e742d30316132303062362d316630352d373663632d383335302d353962653165346132323462002c6163636f756e743a30316132303062362d316630352d373663632d383335302d353962653165346132323462000099bb45abdb3f3efc318e5117627db571164d32a12136e2bdae37380fdc6f1b46718aa088faff6ad34c52ef3083f91e3b0b54da452a39b84355a2645d30c1905702214550ea8e8660e167719451b3d5dabfc3be59e361f8cf848ffffea1a444324855ced5749273b5600e80b3fd267302fafdb4b2010acd84510613d8', 1, 0, NULL, 1795308265224645, 1795308265224645, NULL, NULL);
INSERT INTO read_models.accounts VALUES (31, '\x01a200b61f2570f3bacafff2e5542dbe', 'user', 0, NULL, '\x010000000000000001002c6163636f756e742d30316132303062362d316632352d373066332d626163612d666666326535353432646265002c6163636f756e743a30316132303062362d316632352d373066332d626163612d6666663265353534326462650000ab3a9978d120dce2c42a1c81625f79c0239adfb38a55298d07db8a723e56d511ec2891a5a2d964db403b0a566016c3e2d2e2825a71a5167ecb5a565e56d24cbc8bfba62280942d65fa254262531c725d408234928fe5d55d0c8344ab668196a133741ba6511118c3d1cee4a383a37a', '\x010000000000000001002c6163636f756e742d30316132303062362d316632352d373066332d626163612d666666326535353432646265002c6163636f756e743a30316132303062362d316632352d373066332d626163612d666666326535353432646265000013838aa0f8f5367926da6d030c4078a6d0ef68d8817a589327d9e9a3128e9b18ddb03531810a26f7746550d6841524b240507034c9aa99c85900887bb5960a1b3f0335b32b3453de6435a7e2305037f1cedce84ee3b4383400bc87f1e82694ccd8c9526a0e9d56813506e1f5402bb30d635296e94c3425761f6ed75d', 1, 2, NULL, 1795308265880929, 1795308265277356, NULL, NULL);


--
-- Data for Name: alerts; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: cards; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.cards VALUES (23, '\x01a200b61e86721580e08cad7eb3c94f', '\xfee6c68cf41a86a4aff0bb7697f4222c', '\x0100000000000000060031636f6e73756c746174696f6e2d66656536633638632d663431612d383661342d616666302d6262373639376634323232630031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d626237363937663432323263000096c7aa082abfcc897569ca35b1b4b97b48b17d0dc684f2341961c6da7341a5315238f3e3b007785bd268c128cf64a9d6c495a29ad0056f97ebffe76f476542ce4e0ce7207acb0529f30bc15e5ef33bb318921beddfc57b438291b2af884d02099ee2ec482b0a783efe6c2415eaeb6e5b093e2c06', NULL, 'extractive', 1795308265098165);


--
-- Data for Name: checkpoints; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.checkpoints VALUES ('directory', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('accounts', 2, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('counselors', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('rooms', 3, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('messages', 2, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('consultations', 2, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('timeline', 2, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('due', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('presence', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('uploads', 2, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('destructions', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('erasures', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('accesses', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('emotions', 2, 69, '\x01a200b6230e7303914f0c3a12cb38df');
INSERT INTO read_models.checkpoints VALUES ('alerts', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');


--
-- Data for Name: consultations; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.consultations VALUES (10, '\xfee6c68cf41a86a4aff0bb7697f4222c', 'guest', '\x01a200b61c4e76c4ae5da3bfa9dee2f9', '\x0100000000000000010031636f6e73756c746174696f6e2d66656536633638632d663431612d383661342d616666302d6262373639376634323232630031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232630000d2a2df40b9abd97e3b8145a77f561adb9f1b68e4190fb961e0f84cd5b6e0339158f6957ac67984500dd54ed2643d6ca8f293c5ae82ba6d32cd80bf501c8d68461083fa91', NULL, NULL, 1, 'completed', '\x6e86f0bcb3225537a85e6879eb133be4', '\x6e86f0bcb3225537a85e6879eb133be4', 1, '\x72baa1339bde555589a20a1c28bb2e46', 1795308264578155, 1795308264658122, 1795308265010183, 'ended_by_user', NULL, 5, '\x0100000000000000050031636f6e73756c746174696f6e2d66656536633638632d663431612d383661342d616666302d6262373639376634323232630031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232630000088307ca75ad45ee39153f5c9d2c8d1bb95a594a5bd56dcb9fbee197264b65772ea4cfc2e1d51d6aef9b4eca56', 1795308265038549, NULL);


--
-- Data for Name: counselor_sockets; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: counselors; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.counselors VALUES (6, '\x6e86f0bcb3225537a85e6879eb133be4', '\x01a200b61bd376c0b56b2d0495bd2b85', 1, '[1]', NULL, 1, 'waiting', 1795308264510308, 1795308264510308, 1795308265010183, 0, 1795308265138281);


--
-- Data for Name: destructions; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.destructions VALUES (56, 'account:01a200b6-1f25-70f3-baca-fff2e5542dbe');


--
-- Data for Name: directory; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.directory VALUES ('account', 1, '\xfbdef25bca2d5ab2a55273f3f6df9fe8', NULL, '\x010000000000000001002c6163636f756e742d66626465663235622d636132642d356162322d613535322d373366336636646639666538002c6163636f756e743a66626465663235622d636132642d356162322d613535322d3733663366366466396665380000f1734572f912762e613a2d9aeb272a66a446954b252a9a36ef895b0bb7a9ad25a6f105d806a85aa038a3605fea457551c9863a50f86cf843b2e6aa5e27373e5285857218a5e5d2a0c3f85792a8b9cd41', 'profile');
INSERT INTO read_models.directory VALUES ('account', 4, '\x01a200b61bd376c0b56b2d0495bd2b85', NULL, '\x010000000000000001002c6163636f756e742d30316132303062362d316264332d373663302d623536622d326430343935626432623835002c6163636f756e743a30316132303062362d316264332d373663302d623536622d32643034393562643262383500008f5a73c529a84ff2f05bfaf6dda6a93d04df7a9d9aeb6411a314be1ed619a51a270a0c7e7e28025cdacce4a942f2bdfcacc89ee7a9a8ae6334af5cfaf5712206294540904d834e6b851cb20869de4af37504bb3b8972ffa1bdc6f442c4d8dbb6bd4f063642a067ad', 'profile');
INSERT INTO read_models.directory VALUES ('counselor', 6, '\x6e86f0bcb3225537a85e6879eb133be4', '\x01a200b61bd376c0b56b2d0495bd2b85', NULL, NULL);
INSERT INTO read_models.directory VALUES ('consultation', 10, '\xfee6c68cf41a86a4aff0bb7697f4222c', NULL, NULL, NULL);
INSERT INTO read_models.directory VALUES ('guest', 10, '\x01a200b61c4e76c4ae5da3bfa9dee2f9', '\xfee6c68cf41a86a4aff0bb7697f4222c', '\x0100000000000000010031636f6e73756c746174696f6e2d66656536633638632d663431612d383661342d616666302d6262373639376634323232630031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232630000d2a2df40b9abd97e3b8145a77f561adb9f1b68e4190fb961e0f84cd5b6e0339158f6957ac67984500dd54ed2643d6ca8f293c5ae82ba6d32cd80bf501c8d68461083fa91', 'request');
INSERT INTO read_models.directory VALUES ('offer', 11, '\x01a200b61caa77ba91619cd47206325b', NULL, NULL, NULL);
INSERT INTO read_models.directory VALUES ('room', 14, '\x72baa1339bde555589a20a1c28bb2e46', NULL, NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 15, '\x01a200b61cce71d28906b62bce97075c', '\x72baa1339bde555589a20a1c28bb2e46', NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 16, '\x01a200b61cce71d28906b62c4f7137ea', '\x72baa1339bde555589a20a1c28bb2e46', NULL, NULL);
INSERT INTO read_models.directory VALUES ('card', 23, '\x01a200b61e86721580e08cad7eb3c94f', NULL, NULL, NULL);
INSERT INTO read_models.directory VALUES ('account', 25, '\x01a200b61eaf76e98053aaebeb5dbe54', NULL, '\x010000000000000001002c6163636f756e742d30316132303062362d316561662d373665392d383035332d616165626562356462653534002c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535340000cdd9bd684c075251cb012c779a6f9453bd92c931dfd62790536212e356f13ad65c42a0c49e60c5a76eedb4b05f2c78fee4df633de0fee6dcbf54707b83f522d26f2f94b9f94e989e0f47ad349e268f35934874fcbc0a5625b52d6b4e56f1930c4f21fb8bffe77ab3', 'profile');
INSERT INTO read_models.directory VALUES ('account', 28, '\x01a200b61f0576cc835059be1e4a224b', NULL, '\x010000000000000001002c6163636f756e742d30316132303062362d316630352d373663632d383335302d353962653165346132323462002c6163636f756e743a30316132303062362d316630352d373663632d383335302d35396265316534613232346200005de9faded05a0786bd98820559806a3d1a3fd1c7c1c31a52ba67e95850f576e24ff759bc69179bebacb8356d628bdd9ce6e6cededc1dbe4d2a46c18055db029e8af746023d5f8837734029e2b8806c8b86ee937a3125c7ef2e00d0ac9f40b620662ba0e43f', 'profile');
INSERT INTO read_models.directory VALUES ('room', 34, '\x93d7a49d8cb359e8bba145a0c959ce59', NULL, NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 35, '\x01a200b61f747260ab03bf4e22de7d75', '\x93d7a49d8cb359e8bba145a0c959ce59', NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 36, '\x01a200b61f747260ab03bf4fe1c071df', '\x93d7a49d8cb359e8bba145a0c959ce59', NULL, NULL);
INSERT INTO read_models.directory VALUES ('room', 37, '\x01a200b61f9f73748c7f136faf55308b', NULL, NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 38, '\x01a200b61fa0732582bb988d35e52c4a', '\x01a200b61f9f73748c7f136faf55308b', NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 39, '\x01a200b61fa0732582bb988e0019872d', '\x01a200b61f9f73748c7f136faf55308b', NULL, NULL);
INSERT INTO read_models.directory VALUES ('membership', 40, '\x01a200b61fa0732582bb988f4b8bd58f', '\x01a200b61f9f73748c7f136faf55308b', NULL, NULL);
INSERT INTO read_models.directory VALUES ('account', 31, '\x01a200b61f2570f3bacafff2e5542dbe', NULL, NULL, NULL);


--
-- Data for Name: due; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.due VALUES ('unreachable_counselor', '\x6e86f0bcb3225537a85e6879eb133be4', '\x6e86f0bcb3225537a85e6879eb133be4', 1795308265138281, 24);


--
-- Data for Name: due_counselors; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.due_counselors VALUES ('\x6e86f0bcb3225537a85e6879eb133be4', 1795308264510308, 1795308265138281, 24);


--
-- Data for Name: due_sockets; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: emotion_prompts; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: emotion_sessions; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.emotion_sessions VALUES (51, '\x01a200b62124755eb5360d76ccbaaf01', '\x01a200b61eaf76e98053aaebeb5dbe54', '\x010000000000000001002c656d6f74696f6e2d30316132303062362d323132342d373535652d623533362d306437366363626161663031002c6163636f756e743a30316132303062362d316561662d373665392d383035332d616165626562356462653534002c656d6f74696f6e3a30316132303062362d323132342d373535652d623533362d306437366363626161663031f12af44e5202d48fe30d8b36dc0725a64eda3edcc8f603f61ecd5d28d604', 1795308265767324, 1795308265827986, NULL, NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: emotion_steps; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.emotion_steps VALUES (52, '\x01a200b6214277c8b57b730e66dbb7f5', '\x01a200b62124755eb5360d76ccbaaf01', '\x01a200b61eaf76e98053aaebeb5dbe54', 1, 'normal', NULL, '\x010000000000000002002c656d6f74696f6e2d30316132303062362d323132342d373535652d623533362d306437366363626161663031002c6163636f756e743a30316132303062362d316561662d373665392d383035332d616165626562356462653534002c656d6f74696f6e3a30316132303062362d323132342d373535652d623533362d30643736636362616166303175508ee2775ebb7f99b5756df1b7373644a43259bb2e620aea33d895e3a17c0f1327a6878a135a1e4082c06417ce830be5baf561350c57b94777da66a7763c8d39ae5f58677ee1', 'answered', 1, 0, '\x01a200b618257358a62f95d2e783bb35', 1795308265795454, 1795308265806209, 53, '\x010000000000000003002c656d6f74696f6e2d30316132303062362d323132342d373535652d623533362d306437366363626161663031002c6163636f756e743a30316132303062362d316561662d373665392d383035332d616165626562356462653534002c656d6f74696f6e3a30316132303062362d323132342d373535652d623533362d3064373663636261616630310b660705e5063fffc1f90c1058444194d3a8b8bbde9a32fbe15e2008d8b4b8d832d0ddd78ab01dea624c76d700508898d3d2fda81a5596162ad42e7200396a061b970c8ef8e588cf221d68a2b1c1df292ed033fa915ba4b224857db49c3a5a0876b181d72df08ac577fed938dafe07ed1c10557c7e68b5ee8f01c3c527186bffd021019a74fa355ac7edbdfe385dc3d9e20aa2e40a1b63e6873da7e8b0101559053915d33033064dce3f', 'built_in', 'anxiety', 0.6000000238418579, 0, 0, 0, NULL, NULL);


--
-- Data for Name: erasures; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.erasures VALUES (55, '\x01a200b621777443b68df0a6bfb09dac', 'account', '\x01a200b61f2570f3bacafff2e5542dbe', 1795308265858870, 1795308265908898, 0, 0, 'ec91e583602967dc39a61bf0a6ba81241404f7fe7302cfea29c17fc6fec859c9', 'd0d88fb99aa19182a6c061db1e0e25bf6c9e9c09519f5983c9b4d65738b5bc8d1f20f25f0798bbe11465fd73c78bc245e4c446d3968d9f1bb80803548b32f20d');


--
-- Data for Name: holds; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: members; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.members VALUES (34, '\x01a200b61eaf76e98053aaebeb5dbe54', 35, 'owner', 1795308265332997, 35, NULL, 35, NULL, 35, 1, 1);
INSERT INTO read_models.members VALUES (34, '\x01a200b61f0576cc835059be1e4a224b', 36, 'member', 1795308265332997, 36, NULL, 36, NULL, 36, 1, 1);
INSERT INTO read_models.members VALUES (37, '\x01a200b61eaf76e98053aaebeb5dbe54', 38, 'owner', 1795308265387051, 38, NULL, 38, NULL, 38, 1, 1);
INSERT INTO read_models.members VALUES (37, '\x01a200b61f0576cc835059be1e4a224b', 39, 'member', 1795308265387051, 39, NULL, 39, NULL, 39, 1, 1);
INSERT INTO read_models.members VALUES (37, '\x01a200b61f2570f3bacafff2e5542dbe', 40, 'member', 1795308265387051, 40, NULL, 40, NULL, 40, 1, 1);
INSERT INTO read_models.members VALUES (14, '\x01a200b61c4e76c4ae5da3bfa9dee2f9', 15, 'owner', 1795308264658122, 15, NULL, 15, NULL, 58, 1, 1);
INSERT INTO read_models.members VALUES (14, '\x01a200b61bd376c0b56b2d0495bd2b85', 16, 'member', 1795308264658122, 16, NULL, 16, NULL, 61, 1, 1);


--
-- Data for Name: message_rooms; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.message_rooms VALUES ('\x72baa1339bde555589a20a1c28bb2e46', 14);
INSERT INTO read_models.message_rooms VALUES ('\x93d7a49d8cb359e8bba145a0c959ce59', 34);
INSERT INTO read_models.message_rooms VALUES ('\x01a200b61f9f73748c7f136faf55308b', 37);


--
-- Data for Name: messages; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.messages VALUES (17, NULL, '\x01a200b61d2a725f90e98be409d57fa6', 14, '\x01a200b61c4e76c4ae5da3bfa9dee2f9', 'text', NULL, NULL, NULL, '\x010000000000000001002c6d6573736167652d30316132303062362d316432612d373235662d393065392d3862653430396435376661360031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232630000161566e6fb0aad165266d294d54dbc913222f8e7708d17dda72c5ff93e10c575043d5ede1e9a07219397075df493a8b54a865558a70f26aa', 1795308264982209, NULL, NULL);
INSERT INTO read_models.messages VALUES (18, NULL, '\x01a200b61e22757e90fce3662ec570d0', 14, '\x01a200b61bd376c0b56b2d0495bd2b85', 'text', NULL, NULL, NULL, '\x010000000000000001002c6d6573736167652d30316132303062362d316532322d373537652d393066632d6533363632656335373064300031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232630000c6e49294b903bae6a841e5672b59d9b5fca0595d21113d0515ee86930348c84b5a0698d719bc78af018bd9c4540802572b003a10f8f6f2', 1795308264998342, NULL, NULL);
INSERT INTO read_models.messages VALUES (44, NULL, '\x01a200b620377078a9286b2cd5cb70f1', 37, '\x01a200b61f2570f3bacafff2e5542dbe', 'text', NULL, NULL, NULL, '\x010000000000000001002c6d6573736167652d30316132303062362d323033372d373037382d613932382d366232636435636237306631002c6163636f756e743a30316132303062362d316632352d373066332d626163612d6666663265353534326462650038726f6f6d2d6461793a30316132303062362d316639662d373337342d386337662d3133366661663535333038623a323032362d31312d3232fd5b461a75ef766efa300365e54646bbc73d9c6c06bd3cd550336fef97d70b49a26f8a791225bed6a4f26aadfc4a6351a043fd00', 1795308265563088, NULL, NULL);
INSERT INTO read_models.messages VALUES (45, NULL, '\x01a200b6207674a2a798c4dc78d53880', 37, '\x01a200b61f0576cc835059be1e4a224b', 'text', NULL, NULL, NULL, '\x010000000000000001002c6d6573736167652d30316132303062362d323037362d373461322d613739382d633464633738643533383830002c6163636f756e743a30316132303062362d316630352d373663632d383335302d3539626531653461323234620038726f6f6d2d6461793a30316132303062362d316639662d373337342d386337662d3133366661663535333038623a323032362d31312d32320692bacbb1d8c94e3e537c82cdc8c9d11c44a29cc33b611c463061646ca09db69b50528e4541a557d62ad32269f3618ae5', 1795308265594708, NULL, NULL);
INSERT INTO read_models.messages VALUES (42, NULL, '\x01a200b61fc274b482c4a22416821c58', 34, '\x01a200b61eaf76e98053aaebeb5dbe54', 'text', NULL, NULL, NULL, '\x010000000000000002002c6d6573736167652d30316132303062362d316663322d373462342d383263342d613232343136383231633538002c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535340038726f6f6d2d6461793a39336437613439642d386362332d353965382d626261312d3435613063393539636535393a323032362d31312d3232ebe9f29a1c7bed3e65226852b9f81fddf85c0aea3ef49d32a5c5dbd60516d4e3061d5b4d8b4435fa4bd97569f4bda7666d6e65cb27736b5d9bbc04887291694e87af87c9c4', 1795308265462634, 1795308265623639, NULL);
INSERT INTO read_models.messages VALUES (43, NULL, '\x01a200b6201a77faa7ca17bbd1a76684', 34, '\x01a200b61f0576cc835059be1e4a224b', 'text', NULL, NULL, NULL, NULL, 1795308265499335, NULL, 1795308265654150);
INSERT INTO read_models.messages VALUES (49, NULL, '\x01a200b6211d7294879c66f2d1c28560', 34, '\x01a200b61eaf76e98053aaebeb5dbe54', 'file', NULL, NULL, '\x01a200b620e1731db4af301cd7f252ee', '\x010000000000000001002c6d6573736167652d30316132303062362d323131642d373239342d383739632d363666326431633238353630002c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535340038726f6f6d2d6461793a39336437613439642d386362332d353965382d626261312d3435613063393539636535393a323032362d31312d32326ca383f1d37469c82a9bfbd6c49f723c31055c790f4be93db8abd0a6927a011f2a5dc17f28d823ff582b9edb2e2c92f4abe165e603a511f3', 1795308265758377, NULL, NULL);


--
-- Data for Name: nicknames; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.nicknames VALUES ('\xfee6c68cf41a86a4aff0bb7697f4222c', 10, '\x0100000000000000010031636f6e73756c746174696f6e2d66656536633638632d663431612d383661342d616666302d6262373639376634323232630031636f6e73756c746174696f6e3a66656536633638632d663431612d383661342d616666302d6262373639376634323232630000d2a2df40b9abd97e3b8145a77f561adb9f1b68e4190fb961e0f84cd5b6e0339158f6957ac67984500dd54ed2643d6ca8f293c5ae82ba6d32cd80bf501c8d68461083fa91', 'request');


--
-- Data for Name: offers; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.offers VALUES (11, '\x01a200b61caa77ba91619cd47206325b', '\xfee6c68cf41a86a4aff0bb7697f4222c', '\x6e86f0bcb3225537a85e6879eb133be4', 'broadcast', 1, 'accepted', 1795308264619665, 1795308264658122, NULL, NULL, '[{"counselor":"6e86f0bc-b322-5537-a85e-6879eb133be4","active_consultations":0,"max_active":3,"character_fits":true,"idle_us":100041,"passed_over":null}]');


--
-- Data for Name: presence; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.presence VALUES ('\xfbdef25bca2d5ab2a55273f3f6df9fe8', 1795308264378160);
INSERT INTO read_models.presence VALUES ('\x01a200b61f2570f3bacafff2e5542dbe', 1795308265307012);
INSERT INTO read_models.presence VALUES ('\x01a200b61c4e76c4ae5da3bfa9dee2f9', 1795308265961927);
INSERT INTO read_models.presence VALUES ('\x01a200b61bd376c0b56b2d0495bd2b85', 1795308266015789);
INSERT INTO read_models.presence VALUES ('\x01a200b61f0576cc835059be1e4a224b', 1795308266197182);
INSERT INTO read_models.presence VALUES ('\x01a200b61eaf76e98053aaebeb5dbe54', 1795308266255578);


--
-- Data for Name: rooms; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.rooms VALUES (14, '\x72baa1339bde555589a20a1c28bb2e46', 'consultation', '\xfee6c68cf41a86a4aff0bb7697f4222c', '\x01a200b61c4e76c4ae5da3bfa9dee2f9', 2, 1795308264658122, 1795308265010183, NULL, 365, 0, 1795308265010183, NULL);
INSERT INTO read_models.rooms VALUES (34, '\x93d7a49d8cb359e8bba145a0c959ce59', 'direct', NULL, '\x01a200b61eaf76e98053aaebeb5dbe54', 2, 1795308265332997, NULL, NULL, 365, 0, 1795308265332997, NULL);
INSERT INTO read_models.rooms VALUES (37, '\x01a200b61f9f73748c7f136faf55308b', 'group', NULL, '\x01a200b61eaf76e98053aaebeb5dbe54', 100, 1795308265387051, NULL, '\x0100000000000000050029726f6f6d2d30316132303062362d316639662d373337342d386337662d313336666166353533303862002c6163636f756e743a30316132303062362d316561662d373665392d383035332d6161656265623564626535340029726f6f6d3a30316132303062362d316639662d373337342d386337662d31333666616635353330386273b942cbb16e4488947dfe551876b69b6cfaa7d469c44b2ebf6fb3b62fd7b296780730c12506c9f5450750a07a', 365, 0, 1795308265387051, NULL);


--
-- Data for Name: schema_steps; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.schema_steps VALUES ('read_models', 1);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.sessions VALUES ('\x01a200b61bb4753ca7474659dcd707bc', '\xfbdef25bca2d5ab2a55273f3f6df9fe8', 1, 1795308264378160, NULL, 1797900264372357, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b61bfb718e85617d05f1c2d4b1', '\x01a200b61bd376c0b56b2d0495bd2b85', 1, 1795308264446174, NULL, 1797900264443046, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b61ef6727084c40baf73239d7d', '\x01a200b61eaf76e98053aaebeb5dbe54', 1, 1795308265210623, NULL, 1797900265206372, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b61f127604a91767a7b39b7745', '\x01a200b61f0576cc835059be1e4a224b', 1, 1795308265238165, NULL, 1797900265234183, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b61f5a73378bdb6d2d52b1fd73', '\x01a200b61f2570f3bacafff2e5542dbe', 1, 1795308265307012, NULL, 1797900265306162, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b6221e76ceadf379b2413f2d46', '\x01a200b61bd376c0b56b2d0495bd2b85', 1, 1795308266015789, NULL, 1797900266014981, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b622567193b4fdbfc023aaa0b7', '\x01a200b61eaf76e98053aaebeb5dbe54', 1, 1795308266071638, NULL, 1797900266070905, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b62286708482aceb571ea58a07', '\x01a200b61f0576cc835059be1e4a224b', 1, 1795308266119456, NULL, 1797900266118655, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b622a67488b1a359a523d84ceb', '\x01a200b61eaf76e98053aaebeb5dbe54', 1, 1795308266151236, NULL, 1797900266150565, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b622d4703c9f29c464fddd674b', '\x01a200b61f0576cc835059be1e4a224b', 1, 1795308266197182, NULL, 1797900266196392, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b622eb71fbb36f3c038e246a71', '\x01a200b61eaf76e98053aaebeb5dbe54', 1, 1795308266222182, NULL, 1797900266219817, NULL);
INSERT INTO read_models.sessions VALUES ('\x01a200b6230e7303914f0c39536e8868', '\x01a200b61eaf76e98053aaebeb5dbe54', 1, 1795308266255578, NULL, 1797900266254678, NULL);


--
-- Data for Name: stopped_projections; Type: TABLE DATA; Schema: read_models; Owner: -
--



--
-- Data for Name: timeline; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.timeline VALUES ('\x01fee6c68cf41a86a4aff0bb7697f4222c', 10);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61c4e76c4ae5da3bfa9dee2f9', 10);
INSERT INTO read_models.timeline VALUES ('\x026e86f0bcb3225537a85e6879eb133be4', 11);
INSERT INTO read_models.timeline VALUES ('\x01fee6c68cf41a86a4aff0bb7697f4222c', 12);
INSERT INTO read_models.timeline VALUES ('\x026e86f0bcb3225537a85e6879eb133be4', 12);
INSERT INTO read_models.timeline VALUES ('\x0372baa1339bde555589a20a1c28bb2e46', 15);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61c4e76c4ae5da3bfa9dee2f9', 15);
INSERT INTO read_models.timeline VALUES ('\x0372baa1339bde555589a20a1c28bb2e46', 16);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61bd376c0b56b2d0495bd2b85', 16);
INSERT INTO read_models.timeline VALUES ('\x01fee6c68cf41a86a4aff0bb7697f4222c', 19);
INSERT INTO read_models.timeline VALUES ('\x026e86f0bcb3225537a85e6879eb133be4', 19);
INSERT INTO read_models.timeline VALUES ('\x0372baa1339bde555589a20a1c28bb2e46', 21);
INSERT INTO read_models.timeline VALUES ('\x0393d7a49d8cb359e8bba145a0c959ce59', 35);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61eaf76e98053aaebeb5dbe54', 35);
INSERT INTO read_models.timeline VALUES ('\x0393d7a49d8cb359e8bba145a0c959ce59', 36);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61f0576cc835059be1e4a224b', 36);
INSERT INTO read_models.timeline VALUES ('\x0301a200b61f9f73748c7f136faf55308b', 38);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61eaf76e98053aaebeb5dbe54', 38);
INSERT INTO read_models.timeline VALUES ('\x0301a200b61f9f73748c7f136faf55308b', 39);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61f0576cc835059be1e4a224b', 39);
INSERT INTO read_models.timeline VALUES ('\x0301a200b61f9f73748c7f136faf55308b', 40);
INSERT INTO read_models.timeline VALUES ('\x0401a200b61f2570f3bacafff2e5542dbe', 40);
INSERT INTO read_models.timeline VALUES ('\x0301a200b61f9f73748c7f136faf55308b', 41);
INSERT INTO read_models.timeline VALUES ('\x0393d7a49d8cb359e8bba145a0c959ce59', 46);
INSERT INTO read_models.timeline VALUES ('\x0393d7a49d8cb359e8bba145a0c959ce59', 47);
INSERT INTO read_models.timeline VALUES ('\x0372baa1339bde555589a20a1c28bb2e46', 60);
INSERT INTO read_models.timeline VALUES ('\x0372baa1339bde555589a20a1c28bb2e46', 62);


--
-- Data for Name: timeline_rooms; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.timeline_rooms VALUES ('\x72baa1339bde555589a20a1c28bb2e46', '\x01fee6c68cf41a86a4aff0bb7697f4222c');


--
-- Data for Name: uploads; Type: TABLE DATA; Schema: read_models; Owner: -
--

INSERT INTO read_models.uploads VALUES (48, '\x01a200b620e1731db4af301cd7f252ee', '\x01a200b620e675bb970dcfdb02a4dc12', '\x01a200b61eaf76e98053aaebeb5dbe54', '\x93d7a49d8cb359e8bba145a0c959ce59', 13, 'application/octet-stream', 'file', '\x010000000000000001002b75706c6f61642d30316132303062362d323065312d373331642d623461662d333031636437663235326565002c6163636f756e743a30316132303062362d316561662d373665392d383035332d616165626562356462653534002b75706c6f61643a30316132303062362d323065312d373331642d623461662d33303163643766323532656533814bf0557fbf7d6756efc31131e352f4c0108666c023eda43b666679af347fb0bf9aa33ae5f62d5c133a61', 1795308265755424, '\x01a200b6211d7294879c66f2d1c28560', 20779, NULL, NULL, NULL, NULL);


--
-- Data for Name: checkpoints; Type: TABLE DATA; Schema: search; Owner: -
--

INSERT INTO search.checkpoints VALUES ('search', 1, 69, '\x01a200b6230e7303914f0c3a12cb38df');


--
-- Data for Name: schema_steps; Type: TABLE DATA; Schema: search; Owner: -
--

INSERT INTO search.schema_steps VALUES ('read_models', 1);


--
-- Data for Name: search_messages; Type: TABLE DATA; Schema: search; Owner: -
--

INSERT INTO search.search_messages VALUES (17, '{192814037541,230046588573,255886640155,420800959005,498956730882,579711402736,609481488477,717544947037,728546062128,739454195721,936050919175,1006166169865,7362725724053114519}');
INSERT INTO search.search_messages VALUES (18, '{92513581873,255886640155,300990323279,401341105980,463586403331,701981521856,711222933544,882893966420,916287531013,972959294088,1061428496865,7362725724053114519}');
INSERT INTO search.search_messages VALUES (45, '{50814883648,352311139963,389715731860,636262941283,743449656562,901868226246,1091333693603,7717885890251098342,5161873195883541150}');
INSERT INTO search.search_messages VALUES (42, '{66469101575,95621348397,220947956727,284819601059,334181643917,345243791518,352774636958,407002933529,431508927882,448527475062,461931513739,552080592596,620966255056,722950354088,741876036062,824780292583,861669622670,901772229004,978746245024,1032691004237,1069813560230,8592604802630852113,8588672935571455677}');
INSERT INTO search.search_messages VALUES (49, '{55108760683,145763701596,334181643917,386721114319,490604543922,541271195104,596008561902,598048458239,601678899234,633762265904,987575186454,1005788118878,8592604802630852113,8588672935571455677}');


--
-- Data for Name: stopped_projections; Type: TABLE DATA; Schema: search; Owner: -
--



--
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (projection);


--
-- Name: consultation_facts consultation_facts_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.consultation_facts
    ADD CONSTRAINT consultation_facts_pkey PRIMARY KEY (consultation);


--
-- Name: emotion_days emotion_days_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.emotion_days
    ADD CONSTRAINT emotion_days_pkey PRIMARY KEY (day, label, person);


--
-- Name: message_days message_days_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.message_days
    ADD CONSTRAINT message_days_pkey PRIMARY KEY (day, room_kind, sender);


--
-- Name: offer_facts offer_facts_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.offer_facts
    ADD CONSTRAINT offer_facts_pkey PRIMARY KEY (offer);


--
-- Name: room_kinds room_kinds_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.room_kinds
    ADD CONSTRAINT room_kinds_pkey PRIMARY KEY (room);


--
-- Name: schema_steps schema_steps_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (component);


--
-- Name: stopped_projections stopped_projections_pkey; Type: CONSTRAINT; Schema: analytics; Owner: -
--

ALTER TABLE ONLY analytics.stopped_projections
    ADD CONSTRAINT stopped_projections_pkey PRIMARY KEY (projection);


--
-- Name: events events_by_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_by_id UNIQUE (event_id);


--
-- Name: events events_by_position; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_by_position PRIMARY KEY ("position");


--
-- Name: events events_by_stream; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_by_stream UNIQUE (aggregate_type, aggregate_id, sequence);


--
-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);


--
-- Name: log_head log_head_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.log_head
    ADD CONSTRAINT log_head_pkey PRIMARY KEY (id);


--
-- Name: schema_steps schema_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (component);


--
-- Name: accesses accesses_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.accesses
    ADD CONSTRAINT accesses_pkey PRIMARY KEY (subject, "position");


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (number);


--
-- Name: accounts accounts_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.accounts
    ADD CONSTRAINT accounts_uuid_key UNIQUE (uuid);


--
-- Name: alerts alerts_number_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.alerts
    ADD CONSTRAINT alerts_number_key UNIQUE (number);


--
-- Name: alerts alerts_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (uuid);


--
-- Name: cards cards_consultation_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.cards
    ADD CONSTRAINT cards_consultation_key UNIQUE (consultation);


--
-- Name: cards cards_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (number);


--
-- Name: cards cards_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.cards
    ADD CONSTRAINT cards_uuid_key UNIQUE (uuid);


--
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (projection);


--
-- Name: consultations consultations_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.consultations
    ADD CONSTRAINT consultations_pkey PRIMARY KEY (number);


--
-- Name: consultations consultations_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.consultations
    ADD CONSTRAINT consultations_uuid_key UNIQUE (uuid);


--
-- Name: counselor_sockets counselor_sockets_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.counselor_sockets
    ADD CONSTRAINT counselor_sockets_pkey PRIMARY KEY (connection);


--
-- Name: counselors counselors_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.counselors
    ADD CONSTRAINT counselors_pkey PRIMARY KEY (number);


--
-- Name: counselors counselors_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.counselors
    ADD CONSTRAINT counselors_uuid_key UNIQUE (uuid);


--
-- Name: destructions destructions_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.destructions
    ADD CONSTRAINT destructions_pkey PRIMARY KEY ("position");


--
-- Name: directory directory_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.directory
    ADD CONSTRAINT directory_pkey PRIMARY KEY (kind, number);


--
-- Name: due_counselors due_counselors_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.due_counselors
    ADD CONSTRAINT due_counselors_pkey PRIMARY KEY (counselor);


--
-- Name: due due_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.due
    ADD CONSTRAINT due_pkey PRIMARY KEY (kind, subject);


--
-- Name: due_sockets due_sockets_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.due_sockets
    ADD CONSTRAINT due_sockets_pkey PRIMARY KEY (connection);


--
-- Name: emotion_prompts emotion_prompts_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.emotion_prompts
    ADD CONSTRAINT emotion_prompts_pkey PRIMARY KEY (account);


--
-- Name: emotion_sessions emotion_sessions_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.emotion_sessions
    ADD CONSTRAINT emotion_sessions_pkey PRIMARY KEY (number);


--
-- Name: emotion_sessions emotion_sessions_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.emotion_sessions
    ADD CONSTRAINT emotion_sessions_uuid_key UNIQUE (uuid);


--
-- Name: emotion_steps emotion_steps_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.emotion_steps
    ADD CONSTRAINT emotion_steps_pkey PRIMARY KEY (number);


--
-- Name: emotion_steps emotion_steps_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.emotion_steps
    ADD CONSTRAINT emotion_steps_uuid_key UNIQUE (uuid);


--
-- Name: erasures erasures_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (number);


--
-- Name: erasures erasures_subject_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.erasures
    ADD CONSTRAINT erasures_subject_key UNIQUE (subject);


--
-- Name: erasures erasures_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.erasures
    ADD CONSTRAINT erasures_uuid_key UNIQUE (uuid);


--
-- Name: holds holds_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (number);


--
-- Name: holds holds_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.holds
    ADD CONSTRAINT holds_uuid_key UNIQUE (uuid);


--
-- Name: members members_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (room, person);


--
-- Name: message_rooms message_rooms_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.message_rooms
    ADD CONSTRAINT message_rooms_pkey PRIMARY KEY (uuid);


--
-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY ("position");


--
-- Name: nicknames nicknames_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.nicknames
    ADD CONSTRAINT nicknames_pkey PRIMARY KEY (consultation, from_position);


--
-- Name: offers offers_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.offers
    ADD CONSTRAINT offers_pkey PRIMARY KEY (number);


--
-- Name: offers offers_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.offers
    ADD CONSTRAINT offers_uuid_key UNIQUE (uuid);


--
-- Name: presence presence_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY (person);


--
-- Name: rooms rooms_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (number);


--
-- Name: rooms rooms_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.rooms
    ADD CONSTRAINT rooms_uuid_key UNIQUE (uuid);


--
-- Name: schema_steps schema_steps_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (component);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (uuid);


--
-- Name: stopped_projections stopped_projections_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.stopped_projections
    ADD CONSTRAINT stopped_projections_pkey PRIMARY KEY (projection);


--
-- Name: timeline timeline_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.timeline
    ADD CONSTRAINT timeline_pkey PRIMARY KEY (topic, "position");


--
-- Name: timeline_rooms timeline_rooms_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.timeline_rooms
    ADD CONSTRAINT timeline_rooms_pkey PRIMARY KEY (room);


--
-- Name: uploads uploads_object_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.uploads
    ADD CONSTRAINT uploads_object_key UNIQUE (object);


--
-- Name: uploads uploads_pkey; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (number);


--
-- Name: uploads uploads_uuid_key; Type: CONSTRAINT; Schema: read_models; Owner: -
--

ALTER TABLE ONLY read_models.uploads
    ADD CONSTRAINT uploads_uuid_key UNIQUE (uuid);


--
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: search; Owner: -
--

ALTER TABLE ONLY search.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (projection);


--
-- Name: schema_steps schema_steps_pkey; Type: CONSTRAINT; Schema: search; Owner: -
--

ALTER TABLE ONLY search.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (component);


--
-- Name: search_messages search_messages_pkey; Type: CONSTRAINT; Schema: search; Owner: -
--

ALTER TABLE ONLY search.search_messages
    ADD CONSTRAINT search_messages_pkey PRIMARY KEY (number);


--
-- Name: stopped_projections stopped_projections_pkey; Type: CONSTRAINT; Schema: search; Owner: -
--

ALTER TABLE ONLY search.stopped_projections
    ADD CONSTRAINT stopped_projections_pkey PRIMARY KEY (projection);


--
-- Name: consultation_facts_by_day; Type: INDEX; Schema: analytics; Owner: -
--

CREATE INDEX consultation_facts_by_day ON analytics.consultation_facts USING btree (day);


--
-- Name: consultation_facts_by_rated_day; Type: INDEX; Schema: analytics; Owner: -
--

CREATE INDEX consultation_facts_by_rated_day ON analytics.consultation_facts USING btree (rated_day) WHERE (rated_day IS NOT NULL);


--
-- Name: offer_facts_by_consultation; Type: INDEX; Schema: analytics; Owner: -
--

CREATE INDEX offer_facts_by_consultation ON analytics.offer_facts USING btree (consultation);


--
-- Name: offer_facts_by_day; Type: INDEX; Schema: analytics; Owner: -
--

CREATE INDEX offer_facts_by_day ON analytics.offer_facts USING btree (day);


--
-- Name: events_by_dedupe; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX events_by_dedupe ON public.events USING btree (dedupe) WHERE (dedupe IS NOT NULL);


--
-- Name: accounts_by_access; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX accounts_by_access ON read_models.accounts USING btree (access_changed_at);


--
-- Name: accounts_by_email; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX accounts_by_email ON read_models.accounts USING btree (email_key);


--
-- Name: alerts_open; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX alerts_open ON read_models.alerts USING btree (last_raised_at) WHERE (acknowledged_at IS NULL);


--
-- Name: consultations_by_counselor; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX consultations_by_counselor ON read_models.consultations USING btree (last_counselor, status, number);


--
-- Name: consultations_by_requester; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX consultations_by_requester ON read_models.consultations USING btree (requester, number);


--
-- Name: consultations_by_room; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX consultations_by_room ON read_models.consultations USING btree (room);


--
-- Name: consultations_ended; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX consultations_ended ON read_models.consultations USING btree (ended_at) WHERE (status = 'completed'::text);


--
-- Name: consultations_open; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX consultations_open ON read_models.consultations USING btree (number) WHERE (status = 'waiting'::text);


--
-- Name: counselor_sockets_by_counselor; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX counselor_sockets_by_counselor ON read_models.counselor_sockets USING btree (counselor);


--
-- Name: counselors_by_account; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX counselors_by_account ON read_models.counselors USING btree (account);


--
-- Name: directory_by_uuid; Type: INDEX; Schema: read_models; Owner: -
--

CREATE UNIQUE INDEX directory_by_uuid ON read_models.directory USING btree (uuid, kind);


--
-- Name: directory_guests; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX directory_guests ON read_models.directory USING btree (belongs_to) WHERE (kind = 'guest'::text);


--
-- Name: due_by_time; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX due_by_time ON read_models.due USING btree (kind, since, cause);


--
-- Name: due_sockets_by_counselor; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX due_sockets_by_counselor ON read_models.due_sockets USING btree (counselor);


--
-- Name: emotion_sessions_of; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX emotion_sessions_of ON read_models.emotion_sessions USING btree (owner, number);


--
-- Name: emotion_steps_in; Type: INDEX; Schema: read_models; Owner: -
--

CREATE UNIQUE INDEX emotion_steps_in ON read_models.emotion_steps USING btree (session, step_order);


--
-- Name: emotion_steps_open; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX emotion_steps_open ON read_models.emotion_steps USING btree (number) WHERE (status = 'open'::text);


--
-- Name: emotion_steps_used; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX emotion_steps_used ON read_models.emotion_steps USING btree (owner, settled_at) WHERE (answer_tokens IS NOT NULL);


--
-- Name: erasures_outstanding; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX erasures_outstanding ON read_models.erasures USING btree (number) WHERE (completed_at IS NULL);


--
-- Name: holds_by_subject; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX holds_by_subject ON read_models.holds USING btree (subject) WHERE (lifted_at IS NULL);


--
-- Name: members_by_person; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX members_by_person ON read_models.members USING btree (person, room);


--
-- Name: messages_by_number; Type: INDEX; Schema: read_models; Owner: -
--

CREATE UNIQUE INDEX messages_by_number ON read_models.messages USING btree (number) WHERE (number IS NOT NULL);


--
-- Name: messages_by_room; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX messages_by_room ON read_models.messages USING btree (room, "position", sender, deleted_at);


--
-- Name: offers_by_consultation; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX offers_by_consultation ON read_models.offers USING btree (consultation, number);


--
-- Name: offers_by_counselor; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX offers_by_counselor ON read_models.offers USING btree (counselor, status, number);


--
-- Name: rooms_by_consultation; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX rooms_by_consultation ON read_models.rooms USING btree (consultation) WHERE (consultation IS NOT NULL);


--
-- Name: rooms_forgetful; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX rooms_forgetful ON read_models.rooms USING btree (number) WHERE (auto_delete = 1);


--
-- Name: sessions_by_account; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX sessions_by_account ON read_models.sessions USING btree (account, opened_at);


--
-- Name: sessions_revoked; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX sessions_revoked ON read_models.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);


--
-- Name: uploads_by_day; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_by_day ON read_models.uploads USING btree (room, day) WHERE (day IS NOT NULL);


--
-- Name: uploads_by_message; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_by_message ON read_models.uploads USING btree (message) WHERE (message IS NOT NULL);


--
-- Name: uploads_by_owner; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_by_owner ON read_models.uploads USING btree (owner, size) WHERE (erased_at IS NULL);


--
-- Name: uploads_by_room; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_by_room ON read_models.uploads USING btree (room, number) WHERE (room IS NOT NULL);


--
-- Name: uploads_destroyed; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_destroyed ON read_models.uploads USING btree (destroyed_at) WHERE ((destroyed_at IS NOT NULL) AND (erased_at IS NULL));


--
-- Name: uploads_erased; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_erased ON read_models.uploads USING btree (erased) WHERE (erased IS NOT NULL);


--
-- Name: uploads_of; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_of ON read_models.uploads USING btree (owner, number);


--
-- Name: uploads_unattached; Type: INDEX; Schema: read_models; Owner: -
--

CREATE INDEX uploads_unattached ON read_models.uploads USING btree (stored_at) WHERE ((message IS NULL) AND (erased_at IS NULL));


--
-- Name: search_messages_by_token; Type: INDEX; Schema: search; Owner: -
--

CREATE INDEX search_messages_by_token ON search.search_messages USING gin (tokens);


--
-- PostgreSQL database dump complete
--


