-- French company numbers: SIREN of a company, SIRET of an establishment, and
-- the VAT number made of a SIREN.

CREATE FUNCTION credit_risk.siren_is_valid(siren text) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_siren_is_valid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.siren_is_valid(text) IS
'Whether a text is a SIREN (numéro d''entreprise): 9 digits, no spaces, that satisfy Luhn''s formula, not all zero. 732829320: true. It says that the number can exist, not that the company does. NULL for NULL.';

CREATE FUNCTION credit_risk.siret_is_valid(siret text) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_siret_is_valid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.siret_is_valid(text) IS
'Whether a text is a SIRET (numéro d''établissement): 14 digits, no spaces, that begin with a valid SIREN and satisfy Luhn''s formula; establishments of La Poste (SIREN 356000000) also where the sum of all digits is a multiple of 5. 73282932000074: true. NULL for NULL.';

CREATE FUNCTION credit_risk.check_siren(siren text) RETURNS text
AS 'MODULE_PATHNAME', 'crk_check_siren' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.check_siren(text) IS
'The SIREN without the spaces that group its digits: "732 829 320" is 732829320. NULL for NULL; error 22023 for what is no valid SIREN.';

CREATE FUNCTION credit_risk.check_siret(siret text) RETURNS text
AS 'MODULE_PATHNAME', 'crk_check_siret' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.check_siret(text) IS
'The SIRET without the spaces that group its digits: "732 829 320 00074" is 73282932000074. NULL for NULL; error 22023 for what is no valid SIRET.';

CREATE FUNCTION credit_risk.fr_vat_number(siren text) RETURNS text
AS 'MODULE_PATHNAME', 'crk_fr_vat_number' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fr_vat_number(text) IS
'The intra-Community VAT number (numéro de TVA intracommunautaire) of a French company: FR, the key (12 + 3 * (siren mod 97)) mod 97 in two digits, the SIREN. 404833048: FR83404833048. NULL for NULL; error 22023 for what is no valid SIREN.';
