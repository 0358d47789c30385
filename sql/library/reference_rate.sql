-- The reference rates of late-payment interest. The one table of the library:
-- the figures of the release. Nobody writes it; a rate that it lacks is given to
-- the functions, or kept by a ledger in its own table.

CREATE TABLE credit_risk.reference_rate (
    series text NOT NULL CHECK (series <> ''),
    effective_on date NOT NULL CHECK (isfinite(effective_on)),
    rate_pct numeric NOT NULL CHECK (rate_pct > '-infinity' AND rate_pct < 'infinity'),
    source text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (series, effective_on),
    CONSTRAINT legal_rate_by_half_year CHECK (series <> 'fr_legal_rate_professional'
        OR (extract(month FROM effective_on) IN (1, 7) AND extract(day FROM effective_on) = 1))
);
COMMENT ON TABLE credit_risk.reference_rate IS
'Reference rates of late-payment interest, as of the release: read-only, the same in every database, not dumped. Series: ecb_mro (main refinancing operations of the ECB: fixed rate or minimum bid), boe_bank_rate, the margins by law margin_FR, margin_EU, margin_UK and margin_FR_PUBLIC, and fr_legal_rate_professional (taux de l''intérêt légal, other cases, the base of the French floor). A row holds until the next one of its series; one of fr_legal_rate_professional for its own half-year only.';
COMMENT ON COLUMN credit_risk.reference_rate.series IS 'Name of the series, as ecb_mro.';
COMMENT ON COLUMN credit_risk.reference_rate.effective_on IS 'First day on which the rate is in force (not the day of its announcement).';
COMMENT ON COLUMN credit_risk.reference_rate.rate_pct IS 'Rate or margin in percent a year: 2.15 is 2.15 %.';
COMMENT ON COLUMN credit_risk.reference_rate.source IS 'Where the figure was found; says so where it rests on one secondary source.';
-- The first owner is the superuser who runs a trusted script: a database owner reads like everybody.
GRANT SELECT ON credit_risk.reference_rate TO PUBLIC;

INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source)
SELECT 'ecb_mro', r.effective_on, r.rate_pct, 'European Central Bank, by the Bank of Slovenia (bsi.si) and, to October 2024, the Banque de France (banque-france.fr)'
FROM (VALUES
    (date '1999-01-01', 3.00), ('1999-04-09', 2.50), ('1999-11-05', 3.00), ('2000-02-04', 3.25), ('2000-03-17', 3.50), ('2000-04-28', 3.75),
    ('2000-06-09', 4.25), ('2000-09-01', 4.50), ('2000-10-06', 4.75), ('2001-05-11', 4.50), ('2001-08-31', 4.25), ('2001-09-18', 3.75),
    ('2001-11-09', 3.25), ('2002-12-06', 2.75), ('2003-03-07', 2.50), ('2003-06-06', 2.00), ('2005-12-06', 2.25), ('2006-03-08', 2.50),
    ('2006-06-15', 2.75), ('2006-08-09', 3.00), ('2006-10-11', 3.25), ('2006-12-13', 3.50), ('2007-03-14', 3.75), ('2007-06-13', 4.00),
    ('2008-07-09', 4.25), ('2008-10-15', 3.75), ('2008-11-12', 3.25), ('2008-12-10', 2.50), ('2009-01-21', 2.00), ('2009-03-11', 1.50),
    ('2009-04-08', 1.25), ('2009-05-13', 1.00), ('2011-04-13', 1.25), ('2011-07-13', 1.50), ('2011-11-09', 1.25), ('2011-12-14', 1.00),
    ('2012-07-11', 0.75), ('2013-05-08', 0.50), ('2013-11-13', 0.25), ('2014-06-11', 0.15), ('2014-09-10', 0.05), ('2016-03-16', 0.00),
    ('2022-07-27', 0.50), ('2022-09-14', 1.25), ('2022-11-02', 2.00), ('2022-12-21', 2.50), ('2023-02-08', 3.00), ('2023-03-22', 3.50),
    ('2023-05-10', 3.75), ('2023-06-21', 4.00), ('2023-08-02', 4.25), ('2023-09-20', 4.50), ('2024-06-12', 4.25), ('2024-09-18', 3.65),
    ('2024-10-23', 3.40), ('2024-12-18', 3.15), ('2025-02-05', 2.90), ('2025-03-12', 2.65), ('2025-04-23', 2.40)) r (effective_on, rate_pct);

INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source) VALUES
    ('ecb_mro', '2025-06-11', 2.15, 'European Central Bank, by devizu.news; in force on 1 January 2026 by getinvoicepdf.com'),
    ('ecb_mro', '2026-06-17', 2.40, 'One secondary source, to be checked: getinvoicepdf.com, "Updated June 2026"');

INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source)
SELECT 'boe_bank_rate', r.effective_on, r.rate_pct, 'Bank of England, Bank Rate history'
FROM (VALUES
    (date '1998-06-04', 7.50), ('1998-10-08', 7.25), ('1998-11-05', 6.75), ('1998-12-10', 6.25), ('1999-01-07', 6.00), ('1999-02-04', 5.50),
    ('1999-04-08', 5.25), ('1999-06-10', 5.00), ('1999-09-08', 5.25), ('1999-11-04', 5.50), ('2000-01-13', 5.75), ('2000-02-10', 6.00),
    ('2001-02-08', 5.75), ('2001-04-05', 5.50), ('2001-05-10', 5.25), ('2001-08-02', 5.00), ('2001-09-18', 4.75), ('2001-10-04', 4.50),
    ('2001-11-08', 4.00), ('2003-02-06', 3.75), ('2003-07-10', 3.50), ('2003-11-06', 3.75), ('2004-02-05', 4.00), ('2004-05-06', 4.25),
    ('2004-06-10', 4.50), ('2004-08-05', 4.75), ('2005-08-04', 4.50), ('2006-08-03', 4.75), ('2006-11-09', 5.00), ('2007-01-11', 5.25),
    ('2007-05-10', 5.50), ('2007-07-05', 5.75), ('2007-12-06', 5.50), ('2008-02-07', 5.25), ('2008-04-10', 5.00), ('2008-10-08', 4.50),
    ('2008-11-06', 3.00), ('2008-12-04', 2.00), ('2009-01-08', 1.50), ('2009-02-05', 1.00), ('2009-03-05', 0.50), ('2016-08-04', 0.25),
    ('2017-11-02', 0.50), ('2018-08-02', 0.75), ('2020-03-11', 0.25), ('2020-03-19', 0.10), ('2021-12-16', 0.25), ('2022-02-03', 0.50),
    ('2022-03-17', 0.75), ('2022-05-05', 1.00), ('2022-06-16', 1.25), ('2022-08-04', 1.75), ('2022-09-22', 2.25), ('2022-11-03', 3.00)) r (effective_on, rate_pct);

INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source)
SELECT 'boe_bank_rate', r.effective_on, r.rate_pct, 'Bank of England, by goodmoneyguide.com'
FROM (VALUES
    (date '2022-12-15', 3.50), ('2023-02-02', 4.00), ('2023-03-23', 4.25), ('2023-05-11', 4.50), ('2023-06-22', 5.00), ('2023-08-03', 5.25),
    ('2024-08-01', 5.00), ('2024-11-07', 4.75), ('2025-02-06', 4.50)) r (effective_on, rate_pct);

INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source) VALUES
    ('boe_bank_rate', '2025-05-08', 4.25, 'Bank of England, by uktaxcalculators.co.uk and focus-economics.com'),
    ('boe_bank_rate', '2025-08-07', 4.00, 'Bank of England, by uktaxcalculators.co.uk and focus-economics.com'),
    ('boe_bank_rate', '2025-12-18', 3.75, 'Bank of England, by uktaxcalculators.co.uk; still in force in June 2026 by usewolfx.com');

-- The margins. A rule that an act made for contracts signed from a day on is
-- dated by the half-year from which it is commonly applied.
INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source) VALUES
    ('margin_FR', '2008-01-01', 7, 'Code de commerce L441-6 before 2009, one secondary source: chemouli-dauzier.typepad.fr, December 2008'),
    ('margin_FR', '2009-01-01', 10, 'Code de commerce L441-6 by the law of 4 August 2008 (LME), now L441-10 II'),
    ('margin_EU', '2002-08-08', 7, 'Directive 2000/35/EC, article 3(1)(d)'),
    ('margin_EU', '2013-07-01', 8, 'Directive 2011/7/EU, article 2(6), transposed by 16 March 2013'),
    ('margin_UK', '2002-08-07', 8, 'SI 2002/1675, article 4'),
    ('margin_FR_PUBLIC', '2009-01-01', 7, 'Decree 2002-232, article 5, by banquedesterritoires.fr, July 2009'),
    ('margin_FR_PUBLIC', '2013-05-01', 8, 'Decree 2013-269, now Code de la commande publique R2192-31');

-- The French legal rate of professionals, half-year by half-year; before 2015 it
-- was set once a year. A half-year that is not here is not known: it does not
-- take the one before it.
INSERT INTO credit_risk.reference_rate (series, effective_on, rate_pct, source)
SELECT 'fr_legal_rate_professional', r.effective_on, r.rate_pct, r.source
FROM (VALUES
    (date '2009-01-01', 3.79, 'One secondary source, to be checked: aeccompta.com'),
    ('2009-07-01', 3.79, 'One secondary source, to be checked: aeccompta.com'),
    ('2010-01-01', 0.65, 'Decree, by aeccompta.com and finyear.com'),
    ('2010-07-01', 0.65, 'Decree, by aeccompta.com and finyear.com'),
    ('2011-01-01', 0.38, 'One secondary source, to be checked: aeccompta.com'),
    ('2011-07-01', 0.38, 'One secondary source, to be checked: aeccompta.com'),
    ('2012-01-01', 0.71, 'One secondary source, to be checked: aeccompta.com'),
    ('2012-07-01', 0.71, 'One secondary source, to be checked: aeccompta.com'),
    ('2013-01-01', 0.04, 'Decree, by legifiscal.fr and lexing.law'),
    ('2013-07-01', 0.04, 'Decree, by legifiscal.fr and lexing.law'),
    ('2014-01-01', 0.04, 'Decree, by legifiscal.fr and lexing.law'),
    ('2014-07-01', 0.04, 'Decree, by legifiscal.fr and lexing.law'),
    ('2015-01-01', 0.93, 'One secondary source, to be checked: aeccompta.com'),
    ('2015-07-01', 0.99, 'Ministerial order, by aeccompta.com and legifiscal.fr'),
    ('2016-01-01', 1.01, 'Ministerial order, by aeccompta.com and phytoma-ldv.com'),
    ('2016-07-01', 0.93, 'Ministerial order, by aeccompta.com and phytoma-ldv.com'),
    ('2017-01-01', 0.90, 'Ministerial order, by efl.fr'),
    ('2017-07-01', 0.90, 'Ministerial order, by lextimes.fr and efl.fr'),
    ('2018-01-01', 0.89, 'Ministerial order, by bpifrance-creation.fr'),
    ('2018-07-01', 0.88, 'Ministerial order, by sonomag.fr'),
    ('2019-01-01', 0.86, 'Ministerial order, by legifiscal.fr'),
    ('2019-07-01', 0.87, 'One secondary source, to be checked: aeccompta.com'),
    ('2020-01-01', 0.87, 'Ministerial order, by cabinet-cec.fr and aeccompta.com'),
    ('2020-07-01', 0.84, 'One secondary source, to be checked: cabinet-cec.fr'),
    ('2021-01-01', 0.79, 'Ministerial order, by dandrel-avocats.fr'),
    ('2021-07-01', 0.76, 'Ministerial order, by dandrel-avocats.fr'),
    ('2022-01-01', 0.76, 'One secondary source, to be checked: exeoffice.eu (which calls it the ECB rate)'),
    ('2022-07-01', 0.77, 'One secondary source, to be checked: exeoffice.eu (which calls it the ECB rate)'),
    ('2023-01-01', 2.06, 'One secondary source, to be checked: exeoffice.eu (which calls it the ECB rate)'),
    ('2023-07-01', 4.22, 'One secondary source, to be checked: exeoffice.eu (which calls it the ECB rate)'),
    ('2024-01-01', 5.07, 'Ministerial order, by exeoffice.eu and questions.assemblee-nationale.fr'),
    ('2024-07-01', 4.92, 'Ministerial order, by droit-pratique.fr, ficime.com and etrepaye.fr'),
    ('2025-01-01', 3.71, 'Ministerial order, by droit-pratique.fr, ficime.com and etrepaye.fr'),
    ('2025-07-01', 2.76, 'Ministerial order, by droit-pratique.fr, ficime.com and etrepaye.fr'),
    ('2026-01-01', 2.62, 'Ministerial order, by droit-pratique.fr, ficime.com and etrepaye.fr')) r (effective_on, rate_pct, source);
