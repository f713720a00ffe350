# Works with GNU make 3.81, which macOS ships.

SHELL := /bin/bash
export SAM_CLI_TELEMETRY := 0

MVN := JAVA_HOME="$$(scripts/jdk)" && export JAVA_HOME && ./mvnw -B
PIPELINE := src/main/resources/stacks/pipeline.yaml
STACKS := $(filter-out $(PIPELINE),$(wildcard src/main/resources/stacks/*.yaml))
# Immutable sets and maps of the JDK have an order of their own in each process, and Quarkus's build writes what comes out of them. A
# JVM that records for an AOT cache has the same one each time; what it records is thrown away.
STEADY := export MAVEN_OPTS="$$MAVEN_OPTS -XX:AOTMode=record -XX:AOTConfiguration=/dev/null -Xlog:disable" &&
REGIONS := $(shell grep -v '^\#' src/test/resources/fargate-regions.txt 2>/dev/null)
PIPELINE_REGIONS := $(shell grep -v '^\#' src/test/resources/pipeline-regions.txt 2>/dev/null)
# Of `make run` and `make dev`; make run PORT=8090 takes another.
PORT := 8080
SOURCES := pom.xml $(shell find src/main src/simulated -type f)
# Of `make install`; make install PREFIX=/usr/local takes another.
PREFIX := $(HOME)/.local
CLI_SOURCES := pom.xml $(shell find src/cli -type f)

comma := ,

.DEFAULT_GOAL := help
.PHONY: help run install dev unit test check compiled simulations checks lint lint-switches package native probe probe-clean bench bench-verdict mutants soak clean

help: ## Show this list
	@awk -F ': .*## ' '/^[a-z-]+: .*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: target/local/.built ## Run Slipway on http://localhost:8080 (or PORT=…) with a simulated AWS account
	@JAVA_HOME="$$(scripts/jdk)" && echo "Slipway runs on http://localhost:$(PORT) (Ctrl-C ends it, and the simulated account is forgotten)" && \
	  exec "$$JAVA_HOME/bin/java" -Xmx512m -Dquarkus.http.port=$(PORT) -jar target/local/*-runner.jar

# The profile builds in target/local: the zip for Lambda stays as it is.
target/local/.built: $(SOURCES)
	@echo "Building Slipway, which takes a minute or two the first time…"
	@$(MVN) -q -Plocal -Dfast package
	@touch $@

install: target/cli/slipway.jar ## Put the command line slipway on this machine, below ~/.local (or PREFIX=…)
	@scripts/install-cli "$(PREFIX)"

target/cli/slipway.jar: $(CLI_SOURCES)
	@echo "Building the command line…"
	@$(MVN) -q -Pcli -Dfast package

dev: ## The same, rebuilt at every change
	@$(MVN) -Plocal -Dfast -Dquarkus.analytics.disabled=true -Dquarkus.http.port=$(PORT) quarkus:dev

unit: ## Run one unit test, or several, seconds after a change: make unit TEST=GatePolicyTest
	@scripts/unit $(TEST)

# One in fifty of the histories, another with each commit.
SHARE = $$(( 0x$$(git rev-parse --short=7 HEAD 2> /dev/null || echo 0) % 50 + 1 ))/50

test: .venv/.installed ## Before each commit, in five minutes: formatting, the tests that are not slow, and a fiftieth of the histories
	@PATH="$(CURDIR)/.venv/bin:$$PATH" && $(MVN) -Dfast -Dspotless.check.skip=false test-compile surefire:test \
	  -DexcludedGroups=slow -DforkCount=2 -Dslipway.share=$(SHARE)

# Three lanes, so that no core waits: the linters, the simulations, and all other tests. They share one compilation.
check: .venv/.installed .venv/checkov/.installed target/clients/.installed ## Everything, as CI does: templates, formatting, static analysis, all tests and histories
	@rm -rf target/switches
	@$(MAKE) -j3 lint simulations checks
	@$(MAKE) lint-switches

# What has been compiled since without static analysis is compiled again.
compiled:
	@[ -z "$$(find target/classes target/test-classes -name '*.class' -newer target/.analysed 2>&1 | head -1)" ] || \
	  rm -rf target/classes target/test-classes target/generated-sources target/maven-status
	@$(MVN) test-compile
	@touch target/.analysed

# Hours of simulated time, which want throughput and all cores; the other tests, which want answers in time, go first.
SIMULATIONS := HistoriesTest,ShiftedHistoriesTest,PipelineHistoriesTest,LateHistoriesTest,ValidityTest,RealTrafficTest,AlarmDayTest
THROUGHPUT := -Dtests.jvm='-Xmx2g -XX:+UseParallelGC'

simulations: compiled ## What simulates for hours: the seeded histories, the validity of verdicts, the alarms' day
	@JAVA_HOME="$$(scripts/jdk)" && export JAVA_HOME && nice -n 10 ./mvnw -B surefire:test $(THROUGHPUT) -Dslipway.late=100 -Dtest='$(SIMULATIONS)'

checks: compiled .venv/.installed target/clients/.installed target/cli/slipway.jar
	@scripts/chromium > /dev/null || [ -z "$$CI" ]
	@$(STEADY) PATH="$(CURDIR)/.venv/bin:$$PATH" && $(MVN) verify -Dtests.elsewhere='%regex[.*/($(subst $(comma),|,$(SIMULATIONS)))[.]class]'

# On a SAM template cfn-lint checks only the short form, and no IAM action: it gets the expanded one as well.
CFN_LINT := .venv/bin/cfn-lint --non-zero-exit-code warning
LINT := $(CFN_LINT) $(if $(REGIONS),--regions $(REGIONS)) --

CHECKOV := .venv/checkov/bin/checkov --framework cloudformation --compact --quiet --skip-download

lint: .venv/.installed .venv/checkov/.installed ## Check templates, in every region with Fargate, what build services run, and Python
	@mkdir -p target
	@.venv/bin/python scripts/expand-sam template.yaml target/template-expanded.json
	$(LINT) template.yaml target/template-expanded.json $(STACKS)
	$(CFN_LINT) --regions $(PIPELINE_REGIONS) -- $(PIPELINE)
	@# Identities are the same everywhere.
	$(CFN_LINT) -- $(wildcard examples/*/role.yml)
	$(CFN_LINT) -- $(wildcard examples/kms/*.yml)
	@# Each exception has its reason beside the resource. It asks nobody: neither for advice nor for its own news.
	$(CHECKOV) -f template.yaml $(STACKS) $(PIPELINE) $(wildcard examples/kms/*.yml)
	.venv/bin/python scripts/lint-policies target/template-expanded.json $(STACKS) $(PIPELINE) $(wildcard examples/*/role.yml)
	.venv/bin/python scripts/lint-builds
	.venv/bin/ruff check --no-cache bench scripts src/test
	@AWS_DEFAULT_REGION=eu-west-1 .venv/bin/sam validate --lint --template-file template.yaml

lint-switches: .venv/.installed ## Check the templates with the parameters of each combination that SwitchesTest has made
	@ls target/switches/*.json > /dev/null 2>&1 || scripts/unit SwitchesTest
	$(CFN_LINT) --regions eu-central-1 --deployment-files target/switches/*.json

.venv/.installed: requirements.txt
	@python="$$(scripts/python)" && "$$python" -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/checkov/.installed: scripts/checkov/requirements.txt .venv/.installed
	@python="$$(scripts/python)" && "$$python" -m venv .venv/checkov
	@.venv/checkov/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# The generator of TypeScript clients and its compiler, for the test that takes the tour with them.
target/clients/.installed: src/test/clients/package-lock.json
	@mkdir -p target/clients
	@cp src/test/clients/package*.json target/clients
	@npm ci --prefix target/clients --silent --no-audit --no-fund --ignore-scripts
	@touch $@

package: ## Build target/function.zip for Lambda on the JVM
	@$(STEADY) $(MVN) -Dfast -DskipTests package

native: target/cli/slipway.jar ## Build target/function.zip as a native binary, for `sam deploy --config-env native`, and the command line
	@flags="$$(scripts/native-flags)" && $(MVN) -Dfast -DskipTests $$flags \
	  -Dquarkus.native.enabled=true -Dquarkus.package.jar.enabled=false package
	@"$$(scripts/jdk)/bin/java" scripts/CheckNative.java target/function.zip samconfig.toml
	@scripts/native-cli

# REGION=eu-central-1; with CONNECTION=arn:… and REPOSITORY=owner/name a pipeline, too.
PROBE := .venv/bin/python scripts/probe

probe: .venv/.installed package ## Try Slipway on your AWS account for an hour and 5 dollars at most: make probe REGION=…
	@$(PROBE) run --region "$(REGION)" $(if $(CONNECTION),--connection "$(CONNECTION)" --repository "$(REPOSITORY)")

probe-clean: .venv/.installed ## Remove what a probe has left: make probe-clean REGION=…
	@$(PROBE) clean --region "$(REGION)"

RUNTIME_CLIENT := com.amazonaws:aws-lambda-java-runtime-interface-client:2.9.0

bench: target/local/.built target/cli/slipway.jar ## Measure, and write docs/performance.md
	@$(MVN) -q -Dfast -DskipTests package
	@rm -f target/aws-calls.json target/page.json target/histories.txt target/pipeline-delays.json target/reaction.json target/queries.json target/sweep.json
	@$(MVN) -q -Dfast surefire:test $(THROUGHPUT) -Dtest='AwsCallsTest,PageTest,HistoriesTest,PipelineDelaysTest,ReactionTest,QueriesTest,LoadBench'
	@$(MVN) -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get -Dartifact=$(RUNTIME_CLIENT)
	@JAVA_HOME="$$(scripts/jdk)" && export JAVA_HOME && "$$(scripts/python)" bench/run.py

bench-verdict: ## Measure the verdicts against other judges, and write docs/verdict.md and docs/verdict/
	@$(MVN) -q -Dfast test-compile surefire:test $(THROUGHPUT) -Dtest=VerdictBench
	@python3 bench/verdict/report.py target/verdict-bench.json docs

HISTORIES ?= 1000000

mutants: ## Break verdicts and policies in small ways; fails if tests notice fewer than 90 % (report in target/pit-reports)
	@$(MVN) -q -Dfast -Pmutants test-compile org.pitest:pitest-maven:mutationCoverage

soak: ## A million histories, or as many as HISTORIES=… says, on all cores; all switches from each combination to each other
	@$(MVN) -q -Dfast $(THROUGHPUT) -Dslipway.histories=$$(( $(HISTORIES) / 10 )) -Dslipway.shifted=$$(( $(HISTORIES) * 9 / 10 )) \
	  -Dslipway.switches=all test -Dtest='HistoriesTest,ShiftedHistoriesTest,SwitchesTest'

clean: ## Remove what was built
	rm -rf target
