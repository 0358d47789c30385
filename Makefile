# credit_risk: a PGXS build of one module and one generated install script,
# and the goals that work from a bare machine (they install what they need).

EXTENSION = credit_risk
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" credit_risk.control)
PG_CONFIG ?= pg_config

# These goals work in a copy, on a throw-away server, whatever is installed here.
OWN_GOALS = demo check lint coverage bench reference
.PHONY: $(OWN_GOALS)

PG_VERSION := $(shell $(PG_CONFIG) --version 2>/dev/null)
PG_MAJOR := $(shell echo '$(PG_VERSION)' | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p')
ifneq ($(PG_MAJOR),)
ifneq ($(shell test $(PG_MAJOR) -ge 15 || echo old),)
$(error credit_risk needs PostgreSQL 15 or newer, and $(PG_CONFIG) is of $(PG_VERSION): name another server with PG_CONFIG=/path/to/pg_config)
endif
endif

ifneq ($(filter $(OWN_GOALS),$(MAKECMDGOALS)),)

demo:
	@sh doc/demo/run.sh

check:
	@sh test/check.sh

lint:
	@sh test/lint.sh

coverage:
	@sh test/coverage.sh

bench:
	@sh test/bench/run.sh

reference:
	@sh doc/reference.sh

# Other goals on the same command line, as in `make clean check`.
OTHER_GOALS = $(filter-out $(OWN_GOALS),$(MAKECMDGOALS))
ifneq ($(OTHER_GOALS),)
.PHONY: $(OTHER_GOALS)
$(OTHER_GOALS):
	@$(MAKE) $@
endif

else

MODULE_big = credit_risk
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/kernel/*.c)))
CRK_HEADERS = $(wildcard src/*.h src/kernel/*.h)
PG_CPPFLAGS = -Isrc -DCREDIT_RISK_VERSION=\"$(EXTVERSION)\"

# CRK_CFLAGS and CRK_LDFLAGS are our own targets' way in: -Werror, sanitiser,
# coverage.  A plain make shows warnings and goes on, since a compiler newer
# than this release may know more of them.
PG_CFLAGS += -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers $(CRK_CFLAGS)
SHLIB_LINK += $(CRK_LDFLAGS)

# liblinear fits scorecards; without it, what needs it says so when it is called.
ifeq ($(origin WITH_LIBLINEAR),undefined)
WITH_LIBLINEAR := $(shell printf '\043include <linear.h>\n' | cc $(CPPFLAGS) -E - >/dev/null 2>&1 && echo yes || echo no)
endif
ifeq ($(WITH_LIBLINEAR),yes)
PG_CPPFLAGS += -DHAVE_LIBLINEAR
SHLIB_LINK += -llinear
endif

# The install script, part by part, in the order of need.
LIBRARY = header currency company_number calendar payment_terms ageing dso collection payment_behaviour concentration validation money cash_matching factoring credit_exposure instalment limit_rule reference_rate interest posting solvency scorecard score_scale recency survival logistic_regression fit_scorecard
LEDGER = ledger holiday customer policy customer_merge task ownership agency_member currency decision limit alert approval order quote delivery invoice delivery_request credit_hold override credit_authorization payment allocation due_date pro_forma bank_line match cash_application dispute comment default_event doubtful payment_return factoring external_party placement agency_report legal_deadline litigation collective_proceeding promise plan lateness interaction visit limit_request invoice_event dunning_instruction hold dunning_template standard_template standard_script dunning_strategy dunning_action dunning dunning_claim dunning_simulation exposure limit_watch closing revaluation reference_rate interest_note early_payment statement borrowing_base cohort payment_forecast ageing customer_document onboarding report terms_policy proceeding_claim prescription litigation_deadline terms_change terms_negotiation deposit guarantee security insurance_policy insurance_cover insurance_exposure insurance_claim insurance exposure_component standard_policy credit_check explain_decision risk_action dunning_notice escalation credit_meeting_pack invoice_document document_requirement contract_clause proof_of_delivery litigation_file customer_interaction collection_action worklist agenda score_figure payment_behaviour payment_history financial_statement financial_import financial_ratio customer_attribute external_rating related_party news bureau_event external_signal external_figures sector_benchmark score_model standard_scorecard score backtest risk_class credit_review score_watch risk_indicator limit_proposal screening early_warning anomaly cover_watch deadline_watch exchange_watch concentration_watch behaviour_watch alert_digest timeline attachment attachment_order attachment_money attachment_check verify
BRIDGE = create grant run_daily schedule attach attach_check agency_security

SCRIPT = sql/credit_risk--$(EXTVERSION).sql
DATA_built = $(SCRIPT)
EXTRA_CLEAN = $(SCRIPT) $(SCRIPT).part

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(wildcard $(PGXS)),)
$(error the build files of PostgreSQL are missing: install postgresql-server-dev-15 (or of a newer major), or name a server with PG_CONFIG=/path/to/pg_config; make demo and make check install what they need)
endif
include $(PGXS)

$(OBJS) $(OBJS:.o=.bc): $(CRK_HEADERS) Makefile credit_risk.control

LIBRARY_FILES = $(LIBRARY:%=sql/library/%.sql)
LEDGER_FILES = $(LEDGER:%=sql/ledger/%.sql)
BRIDGE_FILES = $(BRIDGE:%=sql/bridge/%.sql)

$(SCRIPT): $(LIBRARY_FILES) $(LEDGER_FILES) $(BRIDGE_FILES) Makefile credit_risk.control
	@! grep -l 'ledger_template' $(LEDGER_FILES) || { echo 'a ledger file contains the tag of its own literal' >&2; exit 1; }
	@{ cat $(LIBRARY_FILES) && \
	   printf '%s\n' 'CREATE FUNCTION credit_risk.ledger_template() RETURNS text' \
	          'LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp' 'RETURN $$ledger_template$$' && \
	   cat $(LEDGER_FILES) && printf '%s\n' '$$ledger_template$$;' \
	          'COMMENT ON FUNCTION credit_risk.ledger_template() IS' \
	          '$$$$The SQL that makes a ledger: the files of sql/ledger in one text, with unqualified names; create_ledger() runs it in the new schema. Never NULL.$$$$;' && \
	   cat $(BRIDGE_FILES); } > $@.part && mv $@.part $@

endif
