/* JavaScript values in and out. What gets a value of a wrong type throws a TypeError and returns 0. */
#ifndef VSIX_VALUES_H
#define VSIX_VALUES_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

napi_value integer(napi_env env, int64_t n);

int get_int(napi_env env, napi_value v, int32_t *out);

int is_undefined(napi_env env, napi_value v);

/* Bytes of a typed array of exactly this type; `length` in elements, 0 for a detached buffer. */
int get_array(napi_env env, napi_value v, napi_typedarray_type wanted, void **data, size_t *length);

#endif
