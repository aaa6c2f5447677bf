import ajvCompiler from "@fastify/ajv-compiler";
import stringifyCompiler from "@fastify/fast-json-stringify-compiler";

type BuildValidator = ajvCompiler.BuildCompilerFromPool;
type Validate = ReturnType<ReturnType<BuildValidator>>;
type BuildSerializer = stringifyCompiler.SerializerFactory;

const validators = ajvCompiler();
const serializers = stringifyCompiler();

const buildValidator: BuildValidator = (externalSchemas, options) => {
  const compile = validators(externalSchemas, options);
  return (schema, meta) => validateLater(() => compile(schema, meta));
};

const buildSerializer: BuildSerializer = (externalSchemas, options) => {
  const compile = serializers(externalSchemas, options);
  return (route) => {
    let serialize: stringifyCompiler.Serializer | undefined;
    return (document) => {
      serialize ??= compile(route);
      return serialize(document);
    };
  };
};

/**
 * Fastify's own compilers of schemas, at work when a request or an answer first meets a schema. Compiling those of every route
 * was half of the processor time of a controller's start, and most of them no controller ever uses. That each compiles is a
 * test's to say (test/controller/routes.test.ts), for here only its first request would.
 */
export const COMPILED_WHEN_USED = { compilersFactory: { buildValidator, buildSerializer } };

/** Ajv leaves its errors at the function itself, and Fastify finds them there. */
function validateLater(compile: () => Validate): Validate {
  let validate: Validate | undefined;
  const later = (value: unknown): unknown => {
    validate ??= compile();
    const holds = validate(value);
    later.errors = validate.errors;
    return holds;
  };
  later.errors = undefined as Validate["errors"];
  return later as Validate;
}
