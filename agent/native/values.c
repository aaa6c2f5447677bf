#include "values.h"

napi_value integer(napi_env env, int64_t n) {
  napi_value v = NULL;
  napi_create_int64(env, n, &v);
  return v;
}

int get_int(napi_env env, napi_value v, int32_t *out) {
  if (v != NULL && napi_get_value_int32(env, v, out) == napi_ok) return 1;
  napi_throw_type_error(env, NULL, "expected a number");
  return 0;
}

int is_undefined(napi_env env, napi_value v) {
  napi_valuetype type = napi_undefined;
  return v == NULL || napi_typeof(env, v, &type) != napi_ok || type == napi_undefined;
}

int get_array(napi_env env, napi_value v, napi_typedarray_type wanted, void **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  if (v != NULL && napi_is_typedarray(env, v, &is) == napi_ok && is &&
      napi_get_typedarray_info(env, v, &type, length, data, NULL, NULL) == napi_ok && type == wanted) {
    if (*data == NULL) *length = 0; /* a detached buffer */
    return 1;
  }
  napi_throw_type_error(env, NULL,
                        wanted == napi_int32_array     ? "expected an Int32Array"
                        : wanted == napi_float64_array ? "expected a Float64Array"
                                                       : "expected a Uint8Array");
  return 0;
}
