/* What the engine calls of PCRE2, as exports of a WebAssembly module; and the account of steps that steps.h speaks of. */
#include "config.h"
#include "pcre2.h"
#include "steps.h"
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static int error_number;
static PCRE2_SIZE error_offset;
static pcre2_match_context *context;
static pcre2_match_data *result;

uint32_t steps_left;

EXPORT(allocate) void *shim_allocate(size_t size) { return malloc(size); }
EXPORT(release) void shim_release(void *memory) { free(memory); }

EXPORT(compile) pcre2_code *shim_compile(PCRE2_SPTR text, PCRE2_SIZE length, uint32_t options) {
  return pcre2_compile(text, length, options, &error_number, &error_offset, NULL);
}
EXPORT(releaseCode) void shim_release_code(pcre2_code *code) { pcre2_code_free(code); }
EXPORT(errorOffset) PCRE2_SIZE shim_error_offset(void) { return error_offset; }
EXPORT(errorMessage) int shim_error_message(PCRE2_UCHAR *into, PCRE2_SIZE size) {
  return pcre2_get_error_message(error_number, into, size);
}
EXPORT(codeBytes) size_t shim_code_bytes(pcre2_code *code) {
  size_t size = 0;
  pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
  return size;
}

/* Matches once, in `steps` steps and `heap` KiB for backtracking at most. Answers as pcre2_match does. */
EXPORT(match) int shim_match(pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE length, PCRE2_SIZE start,
                             uint32_t options, uint32_t steps, uint32_t heap) {
  if (context == NULL) context = pcre2_match_context_create(NULL);
  if (result == NULL) result = pcre2_match_data_create(1, NULL);
  if (context == NULL || result == NULL) return PCRE2_ERROR_NOMEMORY;
  pcre2_set_heap_limit(context, heap);
  steps_left = steps;
  return pcre2_match(code, subject, length, start, options, result, context);
}
EXPORT(stepsLeft) uint32_t shim_steps_left(void) { return steps_left; }
EXPORT(matchStart) PCRE2_SIZE shim_match_start(void) { return pcre2_get_ovector_pointer(result)[0]; }
EXPORT(matchEnd) PCRE2_SIZE shim_match_end(void) { return pcre2_get_ovector_pointer(result)[1]; }
