-- A history as the first version of its shape kept it.
BEGIN TRANSACTION;
CREATE TABLE about (
  name TEXT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (name)
);
INSERT INTO "about" VALUES('version',1);
INSERT INTO "about" VALUES('rolled_to',1795726800000000);
CREATE TABLE alerts (
  target TEXT NOT NULL,
  rule TEXT NOT NULL,
  labels TEXT NOT NULL,
  state TEXT NOT NULL,
  body JSON NOT NULL,
  PRIMARY KEY (target, rule, labels)
);
INSERT INTO "alerts" VALUES('https://kulti.test/','error-rate','[["location","eu-west"]]','firing','{"rule": "error-rate", "labels": [["location", "eu-west"]], "state": "firing", "since": "2026-11-23T21:15:30Z", "value": 7.5, "fired_at": "2026-11-23T21:16:30Z", "ended_at": null, "kept_since": null, "seen": "2026-11-23T21:16:31Z", "stale": false}');
CREATE TABLE incidents (
  id TEXT NOT NULL,
  target TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  body JSON NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO "incidents" VALUES('i-1','https://kulti.test/',1795468530000000,NULL,'{"id": "i-1", "target": "https://kulti.test/", "cause": "site", "title": "Site down", "severity": "critical", "opened_at": "2026-11-23T21:15:30Z", "members": [["up", [["location", "eu-west"]]]], "closed_at": null, "acknowledged_at": null, "acknowledged_by": null, "tier": 0, "unanswered": 0, "reminded_at": null, "told": null, "called_at": null, "asked_at": null, "told_to": [], "told_of": [], "part_of": null}');
CREATE TABLE journeys (
  run BIGINT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL,
  origin TEXT,
  story TEXT,
  controls JSON NOT NULL,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;
INSERT INTO "journeys" VALUES(1,0,'meet',1,'passed',NULL,NULL,'[]');
CREATE TABLE media (
  run BIGINT NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  "from" TEXT NOT NULL,
  "to" TEXT NOT NULL,
  journey TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  step TEXT NOT NULL,
  identity TEXT NOT NULL,
  impaired TEXT,
  figures JSON NOT NULL,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;
INSERT INTO "media" VALUES(1,0,'camera','host','guest','meet',1,'lasts','match',NULL,'{"fps": 30.0, "height": 360, "bitrate_kbps": 1200.0}');
CREATE TABLE notes (
  name TEXT NOT NULL,
  body JSON NOT NULL,
  PRIMARY KEY (name)
);
INSERT INTO "notes" VALUES('baselines','{"dau": 5}');
CREATE TABLE outbox (
  id TEXT NOT NULL,
  channel TEXT NOT NULL,
  place TEXT,
  note JSON NOT NULL,
  created_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  tries INTEGER NOT NULL,
  begun_at BIGINT,
  sent_at BIGINT,
  given_up_at BIGINT,
  reference TEXT,
  problem TEXT,
  PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES('p-1','slack','#alerts','{"key": "i-1/opened", "incident": "i-1", "event": "opened", "title": "Site down", "story": "It does not answer.", "target": "https://kulti.test/", "at": "2026-11-23T21:15:30Z", "severity": "critical", "facts": [], "links": [], "sections": []}',1795468530000000,1795468530000000,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE requests (
  run BIGINT NOT NULL,
  number INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  method TEXT NOT NULL,
  status INTEGER,
  duration_ms FLOAT,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  journey TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  step TEXT,
  expected BOOLEAN NOT NULL,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE rollups (
  series BIGINT NOT NULL,
  span SMALLINT NOT NULL,
  at BIGINT NOT NULL,
  count BIGINT NOT NULL,
  total FLOAT NOT NULL,
  least FLOAT NOT NULL,
  most FLOAT NOT NULL,
  latest FLOAT NOT NULL,
  latest_at BIGINT NOT NULL,
  buckets TEXT NOT NULL,
  PRIMARY KEY (series, span, at)
) WITHOUT ROWID;
INSERT INTO "rollups" VALUES(1,1,1795467600000000,1,0.0,0.0,0.0,0.0,1795468542000000,'[0,0,1]');
INSERT INTO "rollups" VALUES(1,24,1795392000000000,1,0.0,0.0,0.0,0.0,1795468542000000,'[0,0,1]');
INSERT INTO "rollups" VALUES(2,1,1795467600000000,1,100.0,100.0,100.0,100.0,1795468530100000,'[1,233,1]');
INSERT INTO "rollups" VALUES(2,24,1795392000000000,1,100.0,100.0,100.0,100.0,1795468530100000,'[1,233,1]');
INSERT INTO "rollups" VALUES(3,1,1795467600000000,1,360.0,360.0,360.0,360.0,1795468542000000,'[1,298,1]');
INSERT INTO "rollups" VALUES(3,24,1795392000000000,1,360.0,360.0,360.0,360.0,1795468542000000,'[1,298,1]');
INSERT INTO "rollups" VALUES(4,1,1795467600000000,1,0.0,0.0,0.0,0.0,1795468542000000,'[0,0,1]');
INSERT INTO "rollups" VALUES(4,24,1795392000000000,1,0.0,0.0,0.0,0.0,1795468542000000,'[0,0,1]');
INSERT INTO "rollups" VALUES(5,1,1795467600000000,1,1.0,1.0,1.0,1.0,1795468530100000,'[1,0,1]');
INSERT INTO "rollups" VALUES(5,24,1795392000000000,1,1.0,1.0,1.0,1.0,1795468530100000,'[1,0,1]');
INSERT INTO "rollups" VALUES(6,1,1795467600000000,1,1.0,1.0,1.0,1.0,1795468542000000,'[1,0,1]');
INSERT INTO "rollups" VALUES(6,24,1795392000000000,1,1.0,1.0,1.0,1.0,1795468542000000,'[1,0,1]');
INSERT INTO "rollups" VALUES(7,1,1795467600000000,1,30.0,30.0,30.0,30.0,1795468542000000,'[1,172,1]');
INSERT INTO "rollups" VALUES(7,24,1795392000000000,1,30.0,30.0,30.0,30.0,1795468542000000,'[1,172,1]');
INSERT INTO "rollups" VALUES(8,1,1795467600000000,1,1.0,1.0,1.0,1.0,1795468530100000,'[1,0,1]');
INSERT INTO "rollups" VALUES(8,24,1795392000000000,1,1.0,1.0,1.0,1.0,1795468530100000,'[1,0,1]');
INSERT INTO "rollups" VALUES(9,1,1795467600000000,1,1200.0,1200.0,1200.0,1200.0,1795468542000000,'[1,359,1]');
INSERT INTO "rollups" VALUES(9,24,1795392000000000,1,1200.0,1200.0,1200.0,1200.0,1795468542000000,'[1,359,1]');
INSERT INTO "rollups" VALUES(10,1,1795467600000000,1,0.0,0.0,0.0,0.0,1795468542000000,'[0,0,1]');
INSERT INTO "rollups" VALUES(10,24,1795392000000000,1,0.0,0.0,0.0,0.0,1795468542000000,'[0,0,1]');
INSERT INTO "rollups" VALUES(11,1,1795471200000000,1,6.0,6.0,6.0,6.0,1795472130000000,'[1,91,1]');
INSERT INTO "rollups" VALUES(11,24,1795392000000000,1,6.0,6.0,6.0,6.0,1795472130000000,'[1,91,1]');
INSERT INTO "rollups" VALUES(12,1,1795467600000000,1,5.0,5.0,5.0,5.0,1795468530000000,'[1,82,1]');
INSERT INTO "rollups" VALUES(12,24,1795392000000000,1,5.0,5.0,5.0,5.0,1795468530000000,'[1,82,1]');
CREATE TABLE runs (
  id INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  target TEXT NOT NULL,
  suite TEXT NOT NULL,
  location TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  revision TEXT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  duration_s FLOAT,
  verdict TEXT NOT NULL,
  origin TEXT,
  arrived BIGINT NOT NULL,
  digest TEXT NOT NULL,
  observed_from BIGINT,
  observed_to BIGINT,
  rest JSON NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (run_id)
);
INSERT INTO "runs" VALUES(1,'20261123T211530Z-3f9c','https://kulti.test/','smoke','eu-west','manual',NULL,1795468530000000,1795468542000000,12.0,'passed',NULL,1795641330000000,'6e261b4dbc13958d5d87d4e4de2961c467d5437acd16e0e9add3f1bbbb22e104',1795468530100000,1795468542000000,'{"schema": "synthetic/run/1", "alerts": [], "pages": [], "findings": [], "notifications": []}');
CREATE TABLE samples (
  series BIGINT NOT NULL,
  at BIGINT NOT NULL,
  value FLOAT NOT NULL,
  arrived BIGINT NOT NULL,
  run BIGINT,
  PRIMARY KEY (series, at)
) WITHOUT ROWID;
INSERT INTO "samples" VALUES(1,1795468542000000,0.0,1795641330000000,1);
INSERT INTO "samples" VALUES(2,1795468530100000,100.0,1795641330000000,1);
INSERT INTO "samples" VALUES(3,1795468542000000,360.0,1795641330000000,1);
INSERT INTO "samples" VALUES(4,1795468542000000,0.0,1795641330000000,1);
INSERT INTO "samples" VALUES(5,1795468530100000,1.0,1795641330000000,1);
INSERT INTO "samples" VALUES(6,1795468542000000,1.0,1795641330000000,1);
INSERT INTO "samples" VALUES(7,1795468542000000,30.0,1795641330000000,1);
INSERT INTO "samples" VALUES(8,1795468530100000,1.0,1795641330000000,1);
INSERT INTO "samples" VALUES(9,1795468542000000,1200.0,1795641330000000,1);
INSERT INTO "samples" VALUES(10,1795468542000000,0.0,1795641330000000,1);
INSERT INTO "samples" VALUES(11,1795472130000000,6.0,1795641330000000,NULL);
INSERT INTO "samples" VALUES(12,1795468530000000,5.0,1795641330000000,NULL);
CREATE TABLE series (
  id INTEGER NOT NULL,
  target TEXT NOT NULL,
  metric TEXT NOT NULL,
  labels TEXT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT series_once UNIQUE (target, metric, labels)
);
INSERT INTO "series" VALUES(1,'https://kulti.test/','run_failed','[["location","eu-west"],["suite","smoke"]]');
INSERT INTO "series" VALUES(2,'https://kulti.test/','step_ms','[["actor","guest"],["feature","leave"],["location","eu-west"]]');
INSERT INTO "series" VALUES(3,'https://kulti.test/','media_height','[["from","host"],["kind","camera"],["location","eu-west"],["to","guest"]]');
INSERT INTO "series" VALUES(4,'https://kulti.test/','run_inconclusive','[["location","eu-west"],["suite","smoke"]]');
INSERT INTO "series" VALUES(5,'https://kulti.test/','works','[["feature","leave"],["journey","meet"],["location","eu-west"]]');
INSERT INTO "series" VALUES(6,'https://kulti.test/','media_identity','[["from","host"],["kind","camera"],["location","eu-west"],["to","guest"]]');
INSERT INTO "series" VALUES(7,'https://kulti.test/','media_fps','[["from","host"],["kind","camera"],["location","eu-west"],["to","guest"]]');
INSERT INTO "series" VALUES(8,'https://kulti.test/','outcome','[["burst","no"],["feature","leave"],["journey","meet"],["location","eu-west"]]');
INSERT INTO "series" VALUES(9,'https://kulti.test/','media_bitrate_kbps','[["from","host"],["kind","camera"],["location","eu-west"],["to","guest"]]');
INSERT INTO "series" VALUES(10,'https://kulti.test/','reconnected','[["location","eu-west"]]');
INSERT INTO "series" VALUES(11,'https://kulti.test/','dau','[["kind","x"]]');
INSERT INTO "series" VALUES(12,'https://kulti.test/','dau','[]');
CREATE TABLE silences (
  id TEXT NOT NULL,
  matches TEXT NOT NULL,
  begins_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  "by" TEXT NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO "silences" VALUES('s-1','site',1795468540000000,1795468550000000,'upgrade','anna');
CREATE TABLE steps (
  run BIGINT NOT NULL,
  journey INTEGER NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  feature TEXT NOT NULL,
  actor TEXT NOT NULL,
  status TEXT NOT NULL,
  latency_ms FLOAT,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  error_type TEXT,
  error_message TEXT,
  origin TEXT,
  PRIMARY KEY (run, journey, number)
) WITHOUT ROWID;
INSERT INTO "steps" VALUES(1,0,0,'leave','leave','guest','passed',100.0,1795468530000000,NULL,NULL,NULL,NULL);
CREATE TABLE transitions (
  id INTEGER NOT NULL,
  target TEXT NOT NULL,
  at BIGINT NOT NULL,
  rule TEXT NOT NULL,
  state TEXT NOT NULL,
  value FLOAT,
  labels TEXT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT transition_once UNIQUE (target, at, rule, labels, state)
);
INSERT INTO "transitions" VALUES(1,'https://kulti.test/',1795468590000000,'error-rate','firing',7.5,'[["location","eu-west"]]');
CREATE INDEX runs_by_start ON runs (target, started_at);
CREATE INDEX incidents_by_opening ON incidents (target, opened_at);
COMMIT;
