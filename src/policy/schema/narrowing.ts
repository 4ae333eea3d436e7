import { z } from 'zod';

/** RFC 9110 5.6.2: a method is a token. They are compared as they are, and the registered ones are in capitals. */
const METHOD = /^[A-Z][A-Z0-9-]{0,31}$/;
const METHOD_WANTED = 'must be a method in capitals such as "POST"';
const METHODS_WANTED = 'must be a list of methods such as [GET, POST]';

/** CONNECT and TRACE never come this far. */
const method = z
  .string({ error: METHOD_WANTED })
  .regex(METHOD, { error: METHOD_WANTED })
  .refine((name) => name !== 'CONNECT' && name !== 'TRACE', {
    error: 'must be a method that the gateway takes: CONNECT and TRACE are always refused',
  });

/** Which requests of a path a rule takes. */
export const methods = z
  .array(method, { error: METHODS_WANTED })
  .min(1, { error: METHODS_WANTED })
  .max(32, { error: 'must name at most 32 methods' })
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      context.addIssue({ code: 'custom', path: [index], message: 'must not name a method twice' });
    }
  })
  .meta({
    uniqueItems: true,
    description:
      'Only requests with one of these methods; GET takes HEAD too. Others get 405 where no rule of the path takes them. Default: any.',
  });

const VALUE_WANTED = 'must be a text, a list of texts, or true for any value';
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

const value = z
  .string({ error: VALUE_WANTED })
  .max(1024, { error: 'must be at most 1024 characters long' })
  .regex(VALUE, { error: 'must be printable ASCII without spaces at its ends' });

const values = z
  .union(
    [
      value,
      z
        .array(value, { error: VALUE_WANTED })
        .min(1, { error: 'must name at least one value' })
        .max(64, { error: 'must name at most 64 values' }),
      z.literal(true, { error: VALUE_WANTED }),
    ],
    { error: VALUE_WANTED },
  )
  .nullable();

export const matchHeaders = z
  .record(z.string(), values, { error: 'must be a mapping from header names to values' })
  .meta({
    description:
      'Only requests with these header fields: the exact value, one of a list, or true for any. Clients choose what they send, so this routes and protects nothing.',
  });
