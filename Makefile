# A thin front on CMake: CMakeLists.txt says how things are built, build/judge and build/course do the
# work.
#
#   make check CHAPTER=11      EXERCISE=11.2, SOLVED=1, STRICT=1 and JSON=FILE go with it

# Another make than GNU's stops below, where its words help nobody.
gnu != [ "$(firstword gnu)" ] || echo " This needs GNU make; it may be called gmake." >&2

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# No line of a student's code is in the judge; it starts build/course as its worker.
course := $(if $(SOLVED),course-solved,course)
grader := $(if $(SOLVED),course-solved,judge)
numbers := $(filter 0% 1% 2% 3% 4% 5% 6% 7% 8% 9%,$(MAKECMDGOALS))  # make check 11.2 is understood too
what   := $(or $(EXERCISE),$(CHAPTER),$(firstword $(numbers)))
$(if $(SOLVED),$(if $(wildcard solutions),,$(error SOLVED=1 needs the solutions, which are not here)))

# Everything is built with as many jobs as there are cores, and says only what it compiles, in English,
# for that is read.
build := LC_ALL=C cmake --build build --parallel $(shell getconf _NPROCESSORS_ONLN) --target

.PHONY: help begun known configure programs judge check watch hint next list reset demo doctor clean

help:
	@awk '/^## / { print "\n" substr($$0, 4) } \
	    match($$0, /^[a-z-]+:.*  ## /) { name = substr($$0, 1, index($$0, ":") - 1); \
	    printf "  make %-16s %s\n", name, substr($$0, RSTART + RLENGTH) }' Makefile

# What was built in another folder, and copied or moved here with it, would be built there again.
$(shell sh course/scripts/moved.sh build)

# What is built: the chapters that are begun and this one, or everything.
wanted = $(if $(SOLVED),$(or $(what),everything))
demo watch: wanted = $(what)

configure: build/Makefile

build/begun.txt: begun
	@sh course/scripts/begun.sh build $(wanted)
	@sh course/scripts/stamps.sh build

build/Makefile: CMakeLists.txt build/begun.txt
	@cmake -S . -B build > build/configure.log 2>&1 || \
	    { cat build/configure.log; echo " next: make doctor says what this machine lacks"; exit 3; }
	@touch build/Makefile

known:
	@sh course/scripts/known.sh $(if $(SOLVED),solutions,chapters) "$(what)"

programs: known configure
	@$(build) $(course) judge 2> build/said.txt || { sh course/scripts/unbuilt.sh build/said.txt; exit 2; }
	@cat build/said.txt >&2

judge: configure
	@$(build) judge

## Students

doctor:  ## says what this machine lacks, and how to install it
	@sh course/scripts/doctor.sh

check: programs  ## grades your chapters: make check, CHAPTER=11, EXERCISE=11.2
	@build/$(grader) check $(what) $(if $(STRICT),--strict) $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json "$(JSON)")

watch: programs  ## grades again at each save: CHAPTER=11 or EXERCISE=11.2 to begin there
	@build/$(grader) watch $(what)

hint: judge  ## the next hint of three: EXERCISE=11.2, or none for the exercise that is open
	@build/judge hint $(what)

next: judge  ## says where to go on
	@build/judge next $(what)

list: judge  ## the course map as it was graded last
	@build/judge list $(what)

reset: configure  ## puts the stub back and keeps your file: CHAPTER=11 or EXERCISE=11.2
	@$(build) cut
	@sh course/scripts/reset.sh build/stubs chapters $(what)

demo: programs  ## runs a chapter's demo on your code: make demo CHAPTER=04
	@build/$(course) demo $(what)

clean:  ## removes what was built; grades, checkpoints and backups stay
	rm -f compile_commands.json
	[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name grades ! -name checkpoints \
	    ! -name backups -exec rm -rf {} +

.PHONY: $(numbers)
$(numbers):
	@:

.DEFAULT:
	@echo " There is no command 'make $@' here; there are:"
	@$(MAKE) help
	@exit 3

# ## Instructors and authors: what follows is not handed out

.PHONY: submissions grade handout gradescope diff similar solutions-branch book bench test mutants chapter chapters record

grade handout similar book bench test mutants record: wanted = everything

## Instructors

# Before anything is built for it.
submissions:
	@[ -d "$(SUBMISSIONS)" ] || { echo " There is no folder '$(SUBMISSIONS)';" \
	    "SUBMISSIONS=folder has a folder or an archive per student."; exit 3; }

grade: submissions configure  ## grades SUBMISSIONS=folder; OUT=folder SEED=7 CHAPTER="1 2"
	@$(build) course-solved judge instructor
	@build/instructor grade "$(SUBMISSIONS)" $(if $(OUT),--out "$(OUT)") $(if $(SEED),--seed "$(SEED)") \
	    $(if $(CHAPTER),--chapters "$(CHAPTER)")

handout: configure  ## makes build/handout/, the tree that students get
	@$(build) cut course-solved
	@build/course-solved book --edition student
	@sh course/scripts/handout.sh build/stubs build/handout build/book

gradescope:  ## makes build/gradescope.zip, an autograder for that service: SEED, CHAPTER
	@sh course/scripts/gradescope.sh build/gradescope "$(SEED)" "$(CHAPTER)"

diff:  ## a chapter against the solution: CHAPTER=11, SUBMISSION=folder
	@sh course/scripts/diff.sh "$(CHAPTER)" $(if $(SUBMISSION),"$(SUBMISSION)")

solutions-branch:  ## makes a git branch whose chapters are solved: the answer key
	@sh course/scripts/solutions_branch.sh

similar: submissions configure  ## pairs of submissions that share passages: SUBMISSIONS=folder
	@$(build) instructor
	@build/instructor similar "$(SUBMISSIONS)"

book: configure  ## weaves the chapters into build/book/index.html; EDITION=instructor adds answers
	@$(build) cut course-solved
	@build/course-solved book --edition $(or $(EDITION),student)

## Authors

bench: configure  ## measures speed, and the time from saving to the verdict
	@$(build) course course-solved judge
	@build/course-solved bench
	@SOLVED=1 sh course/scripts/edit_to_verdict.sh

# The tests build the course in many places: what one has compiled, the next need not (with ccache).
test: export CMAKE_CXX_COMPILER_LAUNCHER = $(and $(shell command -v ccache),$(in_cache))
in_cache = env;CCACHE_DIR=$(CURDIR)/build/ccache;CCACHE_BASEDIR=/;CCACHE_NOHASHDIR=1;$\
    CCACHE_SLOPPINESS=pch_defines,time_macros;ccache

test: configure  ## proves the course itself; SHORT=1 leaves out what takes minutes
	@$(build) all course-solved pytorch instructor
	@cd build && ctest --parallel 2 --output-on-failure -L course -LE "student$(if $(SHORT),|long)"
	@grep -E '^[0-9]+ (misconceptions:|alternatives |mutants,|attacks )' \
	    build/Testing/Temporary/LastTest.log || true

mutants: configure  ## are small mistakes in the solutions caught: CHAPTER=11 or EXERCISE=11.2
	@$(build) course-solved judge
	@sh tests/mutants/run.sh build $(what)

chapter:  ## lays out a new chapter, to be written: NAME=05_recurrent
	@sh tests/new_chapter/lay_out.sh "$(NAME)"

chapters: configure  ## cuts solutions/ into chapters/ again
	@$(build) cut
	@sh course/scripts/chapters.sh build/stubs chapters build/backups

record: configure  ## records what solutions and misconceptions answer to the checks
	@$(build) course-solved judge
	@build/judge record $(CHAPTER)
	@sh tests/variants/record.sh "$(CURDIR)/build" $(CHAPTER)
