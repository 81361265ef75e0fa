/*
 * The account of steps that stands in the place of PCRE2's own match limit. That one begins anew at every place a match may
 * start at, so it bounds one start and not a search; this one goes on over all of them. Every 16 steps the host is asked
 * whether to go on, since one step may look at the whole subject.
 */
#ifndef COREWARD_STEPS_H
#define COREWARD_STEPS_H
#include <stdint.h>

extern uint32_t steps_left;

__attribute__((import_module("host"), import_name("mustEnd"))) int host_must_end(void);

static inline int must_end(void) {
  if (steps_left == 0) return 1;
  steps_left -= 1;
  return (steps_left & 15) == 0 && host_must_end();
}
#endif
