-- Who sees which customers.
--
-- What stands here answers; nothing is hidden before enable_agency_security()
-- puts policies on the tables (sql/bridge/agency_security.sql).

CREATE TABLE agency_member (
    role_name text NOT NULL CHECK (role_name <> ''),
    agency    text REFERENCES agency ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT agency_member_once UNIQUE NULLS NOT DISTINCT (role_name, agency)
);
COMMENT ON TABLE agency_member IS 'Roles of the server and the agencies whose customers they see; a role that is granted to others counts for those too. A role without a row sees no customer. For the ledger''s owner to write: a manager could let himself in.';
COMMENT ON COLUMN agency_member.role_name IS 'Role of the server.';
COMMENT ON COLUMN agency_member.agency IS 'The agency, with those below it; NULL = all customers, as the central credit department.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON agency_member
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE department_member (
    role_name  text NOT NULL CHECK (role_name <> ''),
    department text NOT NULL CHECK (department <> ''),
    PRIMARY KEY (role_name, department)
);
COMMENT ON TABLE department_member IS 'Roles of the server and the departments in which they work: they see the tasks of those departments also where they do not see the customer''s papers. For the ledger''s owner to write.';
COMMENT ON COLUMN department_member.role_name IS 'Role of the server.';
COMMENT ON COLUMN department_member.department IS 'Department, as in task.department.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON department_member
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION agency_security_on() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = 'customer'::regclass AND p.polname = 'credit_risk_agency') $$;
COMMENT ON FUNCTION agency_security_on() IS 'Whether row-level security by agency is on in this ledger. Never NULL.';

CREATE FUNCTION sees_all_agencies() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
    SELECT pg_has_role(me.role, c.relowner, 'USAGE') OR r.rolbypassrls
           OR EXISTS (SELECT FROM agency_member m JOIN pg_roles g ON g.rolname = m.role_name WHERE m.agency IS NULL AND pg_has_role(me.role, g.oid, 'USAGE'))
    FROM (SELECT credit_risk.acting_role()::name AS role) me JOIN pg_roles r ON r.rolname = me.role JOIN pg_class c ON c.oid = 'customer'::regclass
$$;
COMMENT ON FUNCTION sees_all_agencies() IS
'Whether the acting role sees the customers of all agencies: the ledger''s owner, who bypasses row security, and a role in agency_member without an agency. Never NULL.';

CREATE FUNCTION visible_agencies() RETURNS text[]
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
    SELECT agencies_below(ARRAY(SELECT m.agency FROM agency_member m JOIN pg_roles g ON g.rolname = m.role_name
                                WHERE m.agency IS NOT NULL AND pg_has_role(credit_risk.acting_role()::name, g.oid, 'USAGE')))
$$;
COMMENT ON FUNCTION visible_agencies() IS 'The agencies of the acting role by agency_member, with all below them; an empty array for none.';

-- Read by the policies: as the view's owner, on whom no policy falls.
CREATE VIEW visible_customer AS
SELECT c.customer_id FROM customer c
WHERE (SELECT sees_all_agencies()) OR c.agency = ANY ((SELECT visible_agencies())::text[]);
COMMENT ON VIEW visible_customer IS
'Customers whose papers the acting role sees while row-level security by agency is on: those of its agencies, or all. Without it everybody with access sees all customers.';

CREATE FUNCTION may_see(customer_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN agency_security_on() THEN EXISTS (SELECT FROM visible_customer v WHERE v.customer_id = may_see.customer_id) ELSE true END
$$;
COMMENT ON FUNCTION may_see(bigint) IS
'Whether the acting role sees the papers of a customer: always while row-level security by agency is off. For functions that run as the owner and answer their caller. Never NULL; false for no such customer while it is on.';

-- What is shared: a task goes to a department, a person or an agency, and its
-- customer's name with it.
CREATE FUNCTION addressed_names() RETURNS text[]
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
    SELECT ARRAY(SELECT g.rolname::text FROM pg_roles g WHERE pg_has_role(me.role, g.oid, 'USAGE')
                 UNION SELECT m.department FROM department_member m JOIN pg_roles g ON g.rolname = m.role_name WHERE pg_has_role(me.role, g.oid, 'USAGE')
                 UNION SELECT unnest(visible_agencies()))
    FROM (SELECT credit_risk.acting_role()::name AS role) me
$$;
COMMENT ON FUNCTION addressed_names() IS
'The names under which the acting role is given tasks: its own and those of the roles granted to it, its departments (department_member), its agencies.';

CREATE FUNCTION shared_customers() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT ARRAY(SELECT t.customer_id FROM task t WHERE t.department = ANY (n.names) OR t.owner = ANY (n.names)
                 UNION SELECT m.customer_id FROM customer_comment_mention m WHERE m.mention = ANY (n.names))
    FROM (SELECT addressed_names() AS names) n
$$;
COMMENT ON FUNCTION shared_customers() IS
'Customers of whom the acting role was given a task or was called in a comment: it sees that task or comment and the customer''s own row (code, name), none of its other papers. Runs as the owner: the policy of customer asks it, and may not ask itself.';

CREATE FUNCTION agency_of_new_customer() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    mine text[];
BEGIN
    SELECT array_agg(DISTINCT m.agency) INTO mine FROM agency_member m JOIN pg_roles g ON g.rolname = m.role_name
    WHERE pg_has_role(credit_risk.acting_role()::name, g.oid, 'USAGE');
    IF cardinality(mine) = 1 THEN
        NEW.agency := mine[1];
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION agency_of_new_customer() IS
'Trigger of customer: a customer that a role of one agency makes belongs to that agency, unless it says another. Nothing is changed for a role of no agency, of several or of all.';
CREATE TRIGGER credit_risk_agency_of_new BEFORE INSERT ON customer
FOR EACH ROW WHEN (NEW.agency IS NULL) EXECUTE FUNCTION agency_of_new_customer();

-- A function that runs as the owner is under no policy: what it is told to
-- change directly must be of a customer that its caller sees. What triggers do
-- in turn, for a group above all, is the ledger's own business.
CREATE FUNCTION agency_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    touched bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.customer_id ELSE NEW.customer_id END;
BEGIN
    IF touched IS NOT NULL AND NOT may_see(touched) THEN
        RAISE EXCEPTION 'customer % is not of an agency of role "%"', touched, credit_risk.acting_role()
            USING ERRCODE = 'insufficient_privilege', HINT = 'agency_member says who sees which customers.';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION agency_guard() IS
'Trigger that enable_agency_security() puts on tables: a function that runs as the owner changes nothing of a customer that its caller does not see (42501).';
