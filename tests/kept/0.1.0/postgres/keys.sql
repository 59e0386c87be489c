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
-- Name: keys; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA keys;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: keys; Type: TABLE; Schema: keys; Owner: -
--

CREATE TABLE keys.keys (
    name text NOT NULL COLLATE pg_catalog."C",
    wrapped bytea
)
WITH (autovacuum_vacuum_threshold='0', autovacuum_vacuum_scale_factor='0');


--
-- Name: master; Type: TABLE; Schema: keys; Owner: -
--

CREATE TABLE keys.master (
    id smallint NOT NULL,
    wrapped bytea NOT NULL,
    CONSTRAINT master_id_check CHECK ((id = 1))
);


--
-- Name: schema_steps; Type: TABLE; Schema: keys; Owner: -
--

CREATE TABLE keys.schema_steps (
    component text NOT NULL,
    taken bigint NOT NULL
);


--
-- Name: secrets; Type: TABLE; Schema: keys; Owner: -
--

CREATE TABLE keys.secrets (
    name text NOT NULL COLLATE pg_catalog."C",
    wrapped bytea NOT NULL
)
WITH (autovacuum_vacuum_threshold='0', autovacuum_vacuum_scale_factor='0');


--
-- Data for Name: keys; Type: TABLE DATA; Schema: keys; Owner: -
--

INSERT INTO keys.keys VALUES ('account:fbdef25b-ca2d-5ab2-a552-73f3f6df9fe8', '\xc2c04ad54ddd20d846d0e2eec59e8399374a9b70a7bfe1f1c28143a4fc22fccb5007749258d64750574ac14a0ed66ef0166c329b48261b6beb863dfe');
INSERT INTO keys.keys VALUES ('account:01a200b6-1bd3-76c0-b56b-2d0495bd2b85', '\x1d22f367e603e33bed6cf12ca3ee2a7983b5c761ddea1a95baad88f86d3df4bd923a3b1b392bac7cff7b72cd51c2a187663badb476187992b476179f');
INSERT INTO keys.keys VALUES ('consultation:fee6c68c-f41a-86a4-aff0-bb7697f4222c', '\x40588d40bcce82ed3d6fd024ddd1c1b73b118781910ef859fe5496bdc97426458eeb03804bcdda119bf60907a47eb2ba05a4c3368ab64cbfbdcecbdb');
INSERT INTO keys.keys VALUES ('account:01a200b6-1eaf-76e9-8053-aaebeb5dbe54', '\xf31b7d6273318ddf35ab3c12515b34178bdab0896057fd3e49a23fbac711e48c055d001b15bffdc923621f75647f1cbfae922f80d3d339d9a76d0fd9');
INSERT INTO keys.keys VALUES ('account:01a200b6-1f05-76cc-8350-59be1e4a224b', '\x20295c07ca5090bb50b214a2375a6cd7a9005b400f52f4c4c167f4ab27905296079855b03a9e30050dcf4191d1727a49f6b49a1bb0fdd8a0ea06f78f');
INSERT INTO keys.keys VALUES ('room:01a200b6-1f9f-7374-8c7f-136faf55308b', '\x8fa14740100b265b433bf23ba3b579121641b6c00f47a6c1e4b5ebacf5461756e44f983995d7801d83968c4133e668faadb46a49eb8b323366090f14');
INSERT INTO keys.keys VALUES ('room-day:93d7a49d-8cb3-59e8-bba1-45a0c959ce59:2026-11-22', '\xff9cce2dd76e49dda760a1c8dbab677ec00df6e1f1e3026392f33b111248791ddb4eddfeff624bbf7ceb08a5a93c678b432ecc46a5dba138553d6fb6');
INSERT INTO keys.keys VALUES ('room-day:01a200b6-1f9f-7374-8c7f-136faf55308b:2026-11-22', '\x1eea7d5eff2ac0fd70f18f427b639fa4d2d7f6772b920742a87e827f440deb8a88e94716eaf0dba5f92047457ca8d360eb73498d94e6cbda2522fd5e');
INSERT INTO keys.keys VALUES ('upload:01a200b6-20e1-731d-b4af-301cd7f252ee', '\x519e7bd6a528297854dc00a8b2365e67bc71a8b680577c0ca5cf59e52f6d061bc3190a516c3ef001e7fc16ff962218ae93deaf70f28958986c66a02a');
INSERT INTO keys.keys VALUES ('emotion:01a200b6-2124-755e-b536-0d76ccbaaf01', '\x0ca5cce1c97606e829dbe471b4fbdc6833f6e7bbfcd20b219ab30e4e117680e5bc0bc321f2574689c2e920598d8fff48dc8cc9a1597735d40245c966');
INSERT INTO keys.keys VALUES ('account:01a200b6-1f25-70f3-baca-fff2e5542dbe', NULL);


--
-- Data for Name: master; Type: TABLE DATA; Schema: keys; Owner: -
--

INSERT INTO keys.master VALUES (1, '\x670479fae6e9457f8937c9a0c781f0724f630df886e9e30a3f896810207368224d');


--
-- Data for Name: schema_steps; Type: TABLE DATA; Schema: keys; Owner: -
--

INSERT INTO keys.schema_steps VALUES ('keys', 1);


--
-- Data for Name: secrets; Type: TABLE DATA; Schema: keys; Owner: -
--

INSERT INTO keys.secrets VALUES ('pepper', '\x865fd57b0f27a4bac714264065609d76cd5063370d9a2eabec498194f1efec6c0d6840d313d1cdf4bd226c9985ccbc3c5a622c9b0ef8067d04f5c350');
INSERT INTO keys.secrets VALUES ('token-signing/01a200b6-1a52-7688-ab8a-eac2d6b763d1', '\x9816e4a77c7f38a1463f1eeb441936e4a5ced6d2a4d1fe6bf38dc2acc967e87a0a5cc3f1a2c24a7616dc826502784dc4f1b345a3d015341f1c2a1a2a42c95e99ad2349e3');
INSERT INTO keys.secrets VALUES ('seal-key', '\x479a077dc47850823b13d314c5dbd1c7e332d3eacf4fe72725ca05d2e7cf27c6b5140607884b1e9e854d55aeed733886f1be94d54d6084ec0a3c4316');


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: keys; Owner: -
--

ALTER TABLE ONLY keys.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (name);


--
-- Name: master master_pkey; Type: CONSTRAINT; Schema: keys; Owner: -
--

ALTER TABLE ONLY keys.master
    ADD CONSTRAINT master_pkey PRIMARY KEY (id);


--
-- Name: schema_steps schema_steps_pkey; Type: CONSTRAINT; Schema: keys; Owner: -
--

ALTER TABLE ONLY keys.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (component);


--
-- Name: secrets secrets_pkey; Type: CONSTRAINT; Schema: keys; Owner: -
--

ALTER TABLE ONLY keys.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);


--
-- PostgreSQL database dump complete
--


