EXTENSION = credit_risk
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" credit_risk.control)
PG_CONFIG ?= pg_config

MODULE_big = credit_risk
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/kernel/*.c)))
CRK_HEADERS = $(wildcard src/*.h src/kernel/*.h)
PG_CPPFLAGS = -Isrc -DCREDIT_RISK_VERSION=\"$(EXTVERSION)\"
PG_CFLAGS += -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers

# The install script, part by part, in the order of need.
LIBRARY = header calendar payment_terms ageing dso collection payment_behaviour concentration limit_rule
LEDGER = ledger customer currency decision limit order delivery invoice payment dunning exposure ageing report verify
BRIDGE = create grant run_daily

SCRIPT = sql/credit_risk--$(EXTVERSION).sql
DATA_built = $(SCRIPT)
EXTRA_CLEAN = $(SCRIPT)

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(CRK_HEADERS)

LIBRARY_FILES = $(LIBRARY:%=sql/library/%.sql)
LEDGER_FILES = $(LEDGER:%=sql/ledger/%.sql)
BRIDGE_FILES = $(BRIDGE:%=sql/bridge/%.sql)

$(SCRIPT): $(LIBRARY_FILES) $(LEDGER_FILES) $(BRIDGE_FILES) Makefile
	@! grep -l 'ledger_template' $(LEDGER_FILES) || { echo 'a ledger file contains the tag of its own literal' >&2; exit 1; }
	@{ cat $(LIBRARY_FILES) && \
	   printf '%s\n' 'CREATE FUNCTION credit_risk.ledger_template() RETURNS text' \
	          'LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp' 'RETURN $$ledger_template$$' && \
	   cat $(LEDGER_FILES) && printf '%s\n' '$$ledger_template$$;' && \
	   cat $(BRIDGE_FILES); } > $@.part && mv $@.part $@
