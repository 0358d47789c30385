-- The cards that every ledger begins with: an expert's prior, to be recalibrated
-- by backtest(). Lower is better: the upper edge belongs to the band.

INSERT INTO score_figure (figure, family, higher_is_better, unit, name_en, name_fr) VALUES
    ('lifecycle',         'customer', NULL,  NULL, 'Prospect, customer or former customer', 'Prospect, client ou ancien client'),
    ('country',           'customer', NULL,  NULL, 'Country', 'Pays'),
    ('policy_group',      'customer', NULL,  NULL, 'Group of customers that share a policy', 'Groupe de politique crédit'),
    ('public_buyer',      'customer', NULL,  NULL, 'Public buyer (1 = yes)', 'Acheteur public (1 = oui)'),
    ('key_account',       'customer', NULL,  NULL, 'Key account (1 = yes)', 'Grand compte (1 = oui)'),
    ('financial_missing', 'customer', false, NULL, 'Nothing of the accounts is known (1 = yes)', 'Aucun indicateur financier connu (1 = oui)'),
    ('external_missing',  'customer', false, NULL, 'Nothing from outside is known (1 = yes)', 'Aucune source externe connue (1 = oui)'),
    ('families_missing',  'customer', false, NULL, 'How many of accounts and outside sources are missing', 'Nombre de familles (comptes, sources externes) absentes');

INSERT INTO score_model (model, version, name, status, note) VALUES
    ('trade', 1, 'Trade credit', 'draft', 'Customers with at least six invoices settled in twelve months.'),
    ('prospect', 1, 'Prospects and new customers', 'draft', 'Accounts and outside sources only: what has not been seen is missing, not bad.');

INSERT INTO score_characteristic (model_id, characteristic, place, figure, edges, upper_closed, points)
SELECT m.model_id, v.characteristic, row_number() OVER (PARTITION BY m.model_id ORDER BY v.place), v.figure, v.edges::numeric[], v.upper_closed, v.points::numeric[]
FROM (VALUES
    (1, 'payment_delay',     'days_beyond_terms_12m',           '{0,5,15,30,60}',        true,  '{18,15,11,6,2,0}', '{trade}'),
    (2, 'paid_on_time',      'on_time_pct_12m',                 '{40,60,80,95}',         false, '{0,2,5,8,10}',     '{trade}'),
    (3, 'oldest_overdue',    'oldest_overdue_days',             '{3,15,30,60}',          true,  '{10,7,4,1,0}',     '{trade}'),
    (4, 'delay_trend',       'lateness_trend_days',             '{2,7,15}',              true,  '{6,4,2,0}',        '{trade}'),
    (5, 'broken_promises',   'broken_promises_12m',             '{0,1,2}',               true,  '{6,3,1,0}',        '{trade}'),
    (6, 'equity_ratio',      'equity_ratio_pct',                '{0,10,20,35}',          false, '{0,1,3,5,7}',      '{trade,prospect}'),
    (7, 'financial_charges', 'financial_charges_to_ebitda_pct', '{15,40,100}',           true,  '{5,3,1,0}',        '{trade,prospect}'),
    (8, 'net_cash',          'net_cash_days',                   '{-30,0,15}',            false, '{0,2,4,5}',        '{trade,prospect}'),
    (9, 'conan_holder',      'conan_holder',                    '{-0.05,0.04,0.1,0.16}', true,  '{0,1,2,4,5}',      '{trade,prospect}'),
    (10, 'age_of_accounts',  'accounts_age_months',             '{12,18}',               true,  '{3,2,0}',          '{trade,prospect}'),
    (11, 'insurer_answer',   'cover_answer_pct',                '{0.01,50,100}',         false, '{0,3,6,10}',       '{trade,prospect}'),
    (12, 'external_rating',  'external_rating',                 '{10,30,50,70}',         false, '{0,1,3,6,8}',      '{trade,prospect}'),
    (13, 'age_of_firm',      'firm_age_years',                  '{1,3,5,10}',            false, '{0,1,2,3,4}',      '{trade,prospect}'),
    (14, 'bureau_report',    'bureau_report',                   '{0,1}',                 true,  '{3,1,0}',          '{trade,prospect}')
) v (place, characteristic, figure, edges, upper_closed, points, models)
JOIN score_model m ON m.model = ANY (v.models::text[]);

INSERT INTO score_cap (model_id, cap, figure, comparison, threshold, at_best, reason_en, reason_fr)
SELECT m.model_id, v.*
FROM score_model m CROSS JOIN (VALUES
    ('proceedings',       'in_proceedings',     '>=', 1,   'E', 'the customer is under collective proceedings', 'le client est en procédure collective'),
    ('default',           'defaults_12m',       '>=', 1,   'E', 'a default in the last 12 months', 'un défaut de paiement dans les 12 derniers mois'),
    ('overdue_60',        'undisputed_over_60', '>=', 500, 'D', 'more than 60 days overdue, undisputed, 500 or more', 'plus de 60 jours de retard, non contesté, 500 ou plus'),
    ('cover_refused',     'cover_refused',      '>=', 1,   'C', 'the credit insurer refused or cancelled its cover', 'l''assureur-crédit a refusé ou résilié sa garantie'),
    ('lien',              'bureau_report',      '>=', 2,   'C', 'a lien of the tax office or the social security', 'une inscription de privilège (Trésor, URSSAF)'),
    ('little_known',      'families_missing',   '>=', 2,   'C', 'neither accounts nor outside sources are known', 'ni comptes ni sources externes connus'),
    ('accounts_missing',  'financial_missing',  '>=', 1,   'B', 'no accounts are known', 'aucun compte connu'),
    ('sources_missing',   'external_missing',   '>=', 1,   'B', 'no outside source is known', 'aucune source externe connue'),
    ('young_firm',        'firm_age_years',     '<',  2,   'B', 'the firm is less than 2 years old', 'l''entreprise a moins de 2 ans')
) v (cap, figure, comparison, threshold, at_best, reason_en, reason_fr);
UPDATE score_model SET status = 'active';

CREATE TRIGGER credit_risk_keep BEFORE UPDATE OR DELETE ON score_model
FOR EACH ROW EXECUTE FUNCTION keep_model();
CREATE TRIGGER credit_risk_keep BEFORE INSERT OR UPDATE OR DELETE ON score_characteristic
FOR EACH ROW EXECUTE FUNCTION keep_card();
CREATE TRIGGER credit_risk_keep BEFORE INSERT OR UPDATE OR DELETE ON score_cap
FOR EACH ROW EXECUTE FUNCTION keep_card();

INSERT INTO score_profile (profile, rank, model, name_en, name_fr) VALUES
    ('prospect',     10, 'prospect', 'Prospect', 'Prospect'),
    ('new_customer', 20, 'prospect', 'New customer: too few invoices settled', 'Nouveau client : trop peu de factures réglées'),
    ('public_body',  30, 'trade',    'Public body', 'Acheteur public'),
    ('key_account',  40, 'trade',    'Key account', 'Grand compte'),
    ('export',       50, 'trade',    'Customer abroad', 'Client à l''export'),
    ('small_firm',   60, 'trade',    'Small firm', 'Très petite entreprise'),
    ('standard',     90, 'trade',    'All other customers', 'Autres clients');
INSERT INTO score_profile_condition (profile, figure, comparison, threshold, words, if_missing) VALUES
    ('prospect',     'lifecycle',            'in',     NULL,    '{prospect}', false),
    ('new_customer', 'settled_invoices_12m', '<',      6,       NULL,         true),
    ('public_body',  'public_buyer',         '>=',     1,       NULL,         false),
    ('key_account',  'key_account',          '>=',     1,       NULL,         false),
    ('export',       'country',              'not in', NULL,    '{FR}',       false),
    ('small_firm',   'annual_sales',         '<=',     2000000, NULL,         false);
