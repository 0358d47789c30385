-- Ratings of agencies, bureaus and insurers on one scale: who rates, how the
-- grades compare, and which rating counts where several disagree.

CREATE TABLE rating_provider (
    code             text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    name             text NOT NULL CHECK (name <> ''),
    priority         integer NOT NULL CHECK (priority > 0),
    max_age_months   integer NOT NULL DEFAULT 12 CHECK (max_age_months BETWEEN 1 AND 120),
    higher_is_better boolean NOT NULL DEFAULT true,
    delivers         text[] NOT NULL DEFAULT '{rating}' CHECK (array_position(delivers, NULL) IS NULL),
    active           boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE rating_provider IS
'Who tells us about customers from outside (fournisseurs d''informations financières): agencies, bureaus, insurers. Where several rate a customer, the first priority wins whose rating is not too old.';
COMMENT ON COLUMN rating_provider.code IS 'Name used in the feed, in small letters.';
COMMENT ON COLUMN rating_provider.name IS 'Name in full.';
COMMENT ON COLUMN rating_provider.priority IS '1 is asked first; of two with one priority the newer rating counts.';
COMMENT ON COLUMN rating_provider.max_age_months IS 'A rating older than so many months is stale and does not count.';
COMMENT ON COLUMN rating_provider.higher_is_better IS 'Whether a higher number of this provider is the better one; its scale has to agree.';
COMMENT ON COLUMN rating_provider.delivers IS 'What it reports: rating, limit, delays, lien, proceeding, news … Where it watches a customer and says nothing of these, there is nothing.';
COMMENT ON COLUMN rating_provider.active IS 'false: its ratings do not count, and its feed is not filed.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON rating_provider
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE external_setting (
    news_min_severity integer NOT NULL DEFAULT 3 CHECK (news_min_severity BETWEEN 1 AND 5),
    news_months       integer NOT NULL DEFAULT 12 CHECK (news_months BETWEEN 1 AND 120),
    report_months     integer NOT NULL DEFAULT 12 CHECK (report_months BETWEEN 1 AND 120),
    failure_years     integer NOT NULL DEFAULT 10 CHECK (failure_years BETWEEN 1 AND 50)
);
CREATE UNIQUE INDEX external_setting_one_row ON external_setting ((true));
COMMENT ON TABLE external_setting IS 'Settings of what comes from outside, one row.';
COMMENT ON COLUMN external_setting.news_min_severity IS 'A negative news item of this severity or more asks for a review of the customer at once.';
COMMENT ON COLUMN external_setting.news_months IS 'A news item counts for so many months.';
COMMENT ON COLUMN external_setting.report_months IS 'A delay reported by a bureau counts for so many months.';
COMMENT ON COLUMN external_setting.failure_years IS 'A failure of somebody related counts for so many years.';
INSERT INTO external_setting DEFAULT VALUES;
CREATE TRIGGER credit_risk_fact BEFORE DELETE ON external_setting
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON external_setting
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Edges make bands without gaps or overlaps, letters are words of their own.
CREATE TABLE rating_scale (
    provider     text PRIMARY KEY REFERENCES rating_provider ON UPDATE RESTRICT ON DELETE RESTRICT,
    edges        numeric[],
    upper_closed boolean NOT NULL DEFAULT false,
    letters      text[],
    scores       numeric[] NOT NULL CHECK (array_position(scores, NULL) IS NULL AND 0 <= ALL (scores) AND 100 >= ALL (scores)),
    pds          numeric[] CHECK (array_position(pds, NULL) IS NULL AND 0 <= ALL (pds) AND 1 >= ALL (pds)),
    CONSTRAINT rating_scale_edges_or_letters CHECK (num_nonnulls(edges, letters) = 1),
    CONSTRAINT rating_scale_edges_ascend CHECK (cardinality(edges) > 0 AND array_position(edges, NULL) IS NULL AND is_ascending(edges)),
    CONSTRAINT rating_scale_scores CHECK (cardinality(scores) = coalesce(cardinality(edges) + 1, cardinality(letters))
                                          AND cardinality(pds) = cardinality(scores))
);
COMMENT ON TABLE rating_scale IS
'How a provider''s grades compare (grille de correspondance): each band of its numbers, or each of its letters, as a common score from 0 to 100, higher is better, and as a probability of default where one is published. A change is for ratings recorded from then on.';
COMMENT ON COLUMN rating_scale.provider IS 'The provider.';
COMMENT ON COLUMN rating_scale.edges IS 'Of numbers: n ascending edges make n + 1 bands, from the lowest to the highest; NULL = it has letters.';
COMMENT ON COLUMN rating_scale.upper_closed IS 'true: an edge belongs to the band below it; false: to the band above it.';
COMMENT ON COLUMN rating_scale.letters IS 'Of letters or words: each that there is, as it is delivered; NULL = it has numbers.';
COMMENT ON COLUMN rating_scale.scores IS 'The common score of each band or letter, 0 (worst) to 100.';
COMMENT ON COLUMN rating_scale.pds IS 'Probability of default within 12 months of each, 0 to 1; NULL = not published.';

CREATE FUNCTION check_rating_scale(scale rating_scale, higher_is_better boolean) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF (SELECT count(DISTINCT l) < count(*) FROM unnest(scale.letters) l) OR array_position(scale.letters, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a letter stands twice, or is empty, in the scale of "%"', scale.provider USING ERRCODE = '22023';
    ELSIF scale.edges IS NOT NULL
          AND EXISTS (SELECT FROM generate_series(2, cardinality(scale.scores)) n
                      WHERE CASE WHEN higher_is_better THEN scale.scores[n] < scale.scores[n - 1] ELSE scale.scores[n] > scale.scores[n - 1] END) THEN
        RAISE EXCEPTION 'the scale of "%" turns round', scale.provider
            USING ERRCODE = '22023', DETAIL = format('Of this provider the %s number is the better one.', CASE WHEN higher_is_better THEN 'higher' ELSE 'lower' END),
                  HINT = 'The scores go from the lowest band to the highest.';
    END IF;
END $$;
COMMENT ON FUNCTION check_rating_scale(rating_scale, boolean) IS
'22023 if a letter stands twice in a scale, or its scores do not go one way as the provider''s numbers do.';

CREATE FUNCTION rating_scale_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM check_rating_scale(s, p.higher_is_better)
    FROM rating_scale s JOIN rating_provider p ON p.code = s.provider;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION rating_scale_written() IS
'Trigger of rating_scale and rating_provider: the scales agree with the direction of their providers (22023). Runs as the owner: who writes one of them need not read the other.';
CREATE TRIGGER credit_risk_scale AFTER INSERT OR UPDATE ON rating_scale
FOR EACH STATEMENT EXECUTE FUNCTION rating_scale_written();
CREATE TRIGGER credit_risk_scale AFTER UPDATE ON rating_provider
FOR EACH STATEMENT EXECUTE FUNCTION rating_scale_written();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON rating_scale
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION common_rating(provider text, value text, OUT score numeric, OUT pd numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT s.scores[p.place], s.pds[p.place]
    FROM rating_scale s
    CROSS JOIN LATERAL (SELECT CASE WHEN s.letters IS NOT NULL THEN array_position(s.letters, btrim(common_rating.value))
                                    WHEN btrim(common_rating.value) ~ '^[+-]?[0-9]+(\.[0-9]+)?$'
                                    THEN 1 + (SELECT count(*)::integer FROM unnest(s.edges) e
                                              WHERE e < btrim(common_rating.value)::numeric
                                                 OR (e = btrim(common_rating.value)::numeric AND NOT s.upper_closed)) END AS place) p
    WHERE s.provider = common_rating.provider
$$;
COMMENT ON FUNCTION common_rating(text, text) IS
'A provider''s rating on the common scale: score from 0 to 100, higher is better, and probability of default where its scale has one. Both NULL for a value that is not on the scale, or a provider without one.';

CREATE TABLE external_rating (
    customer_id        bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    external_rating_id bigint GENERATED BY DEFAULT AS IDENTITY,
    provider           text NOT NULL REFERENCES rating_provider ON UPDATE RESTRICT ON DELETE RESTRICT,
    value              text NOT NULL CHECK (value <> ''),
    score              numeric NOT NULL CHECK (score BETWEEN 0 AND 100),
    pd                 numeric CHECK (pd BETWEEN 0 AND 1),
    rated_on           date NOT NULL CHECK (isfinite(rated_on)),
    received_on        date NOT NULL CHECK (isfinite(received_on)),
    provider_at        timestamptz CHECK (isfinite(provider_at)),
    reference          text CHECK (reference <> ''),
    note               text CHECK (note <> ''),
    reversal_of        bigint,
    recorded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by        text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, external_rating_id),
    FOREIGN KEY (customer_id, reversal_of) REFERENCES external_rating ON UPDATE RESTRICT ON DELETE RESTRICT,
    UNIQUE (customer_id, reversal_of),
    CONSTRAINT external_rating_received_after_rated CHECK (received_on >= rated_on)
);
CREATE INDEX external_rating_id ON external_rating (external_rating_id);
CREATE UNIQUE INDEX external_rating_reference ON external_rating (customer_id, provider, reference) WHERE reversal_of IS NULL;
COMMENT ON TABLE external_rating IS
'Facts: ratings of customers by providers (notations externes), each on the common scale of that moment. Written by the feed (external_signal) or by hand; reverse_external_rating() takes one back.';
COMMENT ON COLUMN external_rating.customer_id IS 'The payer that is rated.';
COMMENT ON COLUMN external_rating.external_rating_id IS 'Key.';
COMMENT ON COLUMN external_rating.provider IS 'Who rates.';
COMMENT ON COLUMN external_rating.value IS 'The rating as it was delivered: a number or a letter.';
COMMENT ON COLUMN external_rating.score IS 'The same from 0 to 100, higher is better; written by the ledger from rating_scale.';
COMMENT ON COLUMN external_rating.pd IS 'Probability of default that the scale gives it; written by the ledger, NULL = none published.';
COMMENT ON COLUMN external_rating.rated_on IS 'Day of the rating, from which it ages; left out: the business date. Of a row that takes back: its own day.';
COMMENT ON COLUMN external_rating.received_on IS 'Business date on which we had it; left out: today''s.';
COMMENT ON COLUMN external_rating.provider_at IS 'The provider''s own time stamp; NULL = it has none.';
COMMENT ON COLUMN external_rating.reference IS 'The provider''s reference, once for a customer and provider.';
COMMENT ON COLUMN external_rating.note IS 'Note; of a row that takes back: why.';
COMMENT ON COLUMN external_rating.reversal_of IS 'The rating that this row takes back.';
COMMENT ON COLUMN external_rating.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN external_rating.recorded_by IS 'Role that recorded it; written by the ledger.';

CREATE FUNCTION external_rating_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    original external_rating;
BEGIN
    NEW.recorded_at := clock_timestamp();
    NEW.recorded_by := credit_risk.acting_role();
    NEW.received_on := coalesce(NEW.received_on, business_date());
    IF NEW.reversal_of IS NOT NULL THEN     -- a reversal repeats its row, on its own day
        SELECT r.* INTO original FROM external_rating r
        WHERE r.customer_id = NEW.customer_id AND r.external_rating_id = NEW.reversal_of AND r.reversal_of IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'rating % of customer % does not exist or is a reversal itself', NEW.reversal_of, NEW.customer_id USING ERRCODE = 'CR007';
        END IF;
        NEW.provider := original.provider;
        NEW.value := original.value;
        NEW.score := original.score;
        NEW.pd := original.pd;
        NEW.provider_at := original.provider_at;
        NEW.reference := original.reference;
        NEW.rated_on := greatest(business_date(), original.rated_on);
        NEW.received_on := NEW.rated_on;
        RETURN NEW;
    END IF;
    PERFORM payer_only(NEW.customer_id);
    NEW.rated_on := coalesce(NEW.rated_on, business_date());
    IF NEW.rated_on > business_date() THEN
        RAISE EXCEPTION 'a rating of % lies in the future', NEW.rated_on
            USING ERRCODE = 'CR003', DETAIL = format('The business date is %s.', business_date());
    END IF;
    NEW.value := btrim(NEW.value);
    SELECT c.score, c.pd INTO NEW.score, NEW.pd FROM common_rating(NEW.provider, NEW.value) c;
    IF NEW.score IS NULL AND NEW.value IS NOT NULL THEN
        RAISE EXCEPTION 'rating "%" is not on the scale of provider "%"', NEW.value, NEW.provider
            USING ERRCODE = '22023',
                  DETAIL = coalesce((SELECT 'It has ' || coalesce('the letters ' || array_to_string(s.letters, ', '), 'numbers') || '.' FROM rating_scale s WHERE s.provider = NEW.provider),
                                    'The provider has no scale.'),
                  HINT = 'rating_scale says what its ratings mean.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION external_rating_before() IS
'Trigger of external_rating: fills what was left out and takes the rating to the common scale; 22023 for one that is not on it, CR003 for a day to come, CR004 for no payer; a reversal repeats its row (CR007 if there is none). Runs as the owner: who records ratings need not read scales.';
CREATE TRIGGER credit_risk_before BEFORE INSERT ON external_rating
FOR EACH ROW EXECUTE FUNCTION external_rating_before();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON external_rating
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON external_rating
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_score AFTER INSERT ON external_rating
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outside_fact_written('external_rating');

CREATE FUNCTION reverse_external_rating(external_rating_id bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    reversal_id bigint;
BEGIN
    IF coalesce(reverse_external_rating.reason, '') = '' THEN
        RAISE EXCEPTION 'why the rating is taken back is not said' USING ERRCODE = '22023';
    END IF;
    INSERT INTO external_rating AS n (customer_id, reversal_of, note)
    SELECT r.customer_id, r.external_rating_id, reverse_external_rating.reason FROM external_rating r
    WHERE r.external_rating_id = reverse_external_rating.external_rating_id
    RETURNING n.external_rating_id INTO reversal_id;
    IF reversal_id IS NULL THEN
        RAISE EXCEPTION 'there is no rating %', coalesce(reverse_external_rating.external_rating_id::text, 'NULL') USING ERRCODE = 'CR007';
    END IF;
    RETURN reversal_id;
END $$;
COMMENT ON FUNCTION reverse_external_rating(bigint, text) IS
'Takes a rating back, with the reason: it was of another firm, or wrong. From the business date on the one before it counts again. Returns the id of the reversal. CR007 if there is no such rating, 23505 if it is taken back already, 22023 without a reason. Runs as the owner: ratings are few people''s to write.';

-- The waterfall: providers by priority, what is stale left out and said so.
CREATE FUNCTION rating_in_force(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, provider text, external_rating_id bigint, value text, score numeric, pd numeric, rated_on date, age_months integer,
               provider_at timestamptz, known_at timestamptz, why text, ignored text[])
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off SET enable_nestloop = off
AS $$
    WITH latest AS (
        SELECT DISTINCT ON (r.customer_id, r.provider) r.customer_id, r.provider, r.external_rating_id, r.value, r.score, r.pd, r.rated_on, r.provider_at, r.recorded_at,
               p.priority, p.max_age_months
        FROM external_rating r JOIN rating_provider p ON p.code = r.provider AND p.active
        WHERE r.customer_id = ANY (customer_ids) AND r.reversal_of IS NULL
          AND r.rated_on <= rating_in_force.as_of AND r.recorded_at <= rating_in_force.known_at
          AND NOT EXISTS (SELECT FROM external_rating x
                          WHERE x.customer_id = ANY (customer_ids) AND x.customer_id = r.customer_id AND x.reversal_of = r.external_rating_id
                            AND x.rated_on <= rating_in_force.as_of AND x.recorded_at <= rating_in_force.known_at)
        ORDER BY r.customer_id, r.provider, r.rated_on DESC, r.external_rating_id DESC
    ), aged AS (
        SELECT l.*, l.rated_on >= (rating_in_force.as_of - make_interval(months => l.max_age_months))::date AS fresh,
               (extract(year FROM g.age) * 12 + extract(month FROM g.age))::integer AS months
        FROM latest l CROSS JOIN LATERAL (SELECT age(rating_in_force.as_of, l.rated_on) AS age) g
    ), placed AS (
        SELECT a.*, row_number() OVER (PARTITION BY a.customer_id ORDER BY a.fresh DESC, a.priority, a.rated_on DESC, a.provider) AS place FROM aged a
    ), other AS (
        SELECT p.customer_id,
               array_agg(CASE WHEN p.fresh THEN format('%s: %s of %s, priority %s', p.provider, p.value, p.rated_on, p.priority)
                              ELSE format('%s: %s of %s is stale, older than %s months', p.provider, p.value, p.rated_on, p.max_age_months) END
                         ORDER BY p.priority, p.rated_on DESC, p.provider) AS ignored
        FROM placed p WHERE p.place > 1 OR NOT p.fresh GROUP BY p.customer_id
    )
    SELECT w.customer_id, n.provider, n.external_rating_id, n.value, n.score, n.pd, n.rated_on, n.months, n.provider_at, w.recorded_at,
           CASE WHEN w.fresh THEN format('%s: %s of %s, first by priority (%s) of what is not too old', w.provider, w.value, w.rated_on, w.priority)
                ELSE 'every rating is stale' END, coalesce(o.ignored, '{}')
    FROM placed w LEFT JOIN other o USING (customer_id)
    LEFT JOIN LATERAL (SELECT w.provider, w.external_rating_id, w.value, w.score, w.pd, w.rated_on, w.months, w.provider_at WHERE w.fresh) n ON true
    WHERE w.place = 1
$$;
COMMENT ON FUNCTION rating_in_force(bigint[], date, timestamptz) IS
'The rating that counts for each of these customers on a day, as known at an instant (cascade des notations): of every active provider its last rating, those older than the provider''s max_age_months left out, then the first by priority, then the newest. why says so, ignored lists the others with the reason. One row for each customer that was ever rated; all but why, ignored and known_at NULL where every rating is stale.';

CREATE VIEW external_rating_in_force AS
SELECT r.customer_id, c.code, c.name, r.provider, r.value, r.score, r.pd, r.rated_on, r.age_months, r.provider_at, r.known_at, r.why, r.ignored
FROM (SELECT array_agg(a.customer_id) AS customers FROM credit_account a) q
CROSS JOIN LATERAL rating_in_force(q.customers, (SELECT business_date()), 'infinity') r
JOIN customer c USING (customer_id);
COMMENT ON VIEW external_rating_in_force IS
'The external rating that counts for each customer today (notation externe retenue): columns as of rating_in_force().';
