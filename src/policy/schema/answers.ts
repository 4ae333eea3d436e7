import { z } from 'zod';
import { fieldText } from './field-text.ts';
import { asWhole } from './joining.ts';
import { mapping, orNull, path, text } from './scalars.ts';

const STATUS_WANTED = 'must be 301, 302, 303, 307 or 308';
const HOST_WANTED = 'must be a host such as "www.example.com", with a port where there is one';
const HOST =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?::\d{1,5})?$/;
const TEMPLATE_WANTED =
  'must be a path of literals such as "/new", "/docs{path}" or "{path}?{query}": {path} ends it, {query} follows a "?"';
const CHARACTERS = "[A-Za-z0-9._~!$&'()*+,;=:@%-]";
/**
 * `{path}` begins with a slash and stands behind no other one and before nothing: what comes out never begins with
 * `//`, which browsers take for a host (RFC 3986 4.2).
 */
const TEMPLATE = new RegExp(
  `^(?:(?:/${CHARACTERS}+)+/?|/|(?:/${CHARACTERS}+)*\\{path\\})(?:\\?(?:${CHARACTERS}|/|\\{query\\})*)?$`,
);
const DOT_SEGMENT = /\/\.{1,2}(?:\/|\?|\{|$)/;

const hasMember = (value: object) => Object.values(value).some((each) => each !== undefined);

const redirect = mapping('Answers with the address of another place.', {
  status: z
    .literal([301, 302, 303, 307, 308], { error: STATUS_WANTED })
    .optional()
    .meta({ description: '308 and 307 keep the method.', byDefault: 308 }),
  scheme: z
    .enum(['http', 'https'], { error: 'must be "http" or "https"' })
    .optional()
    .meta({ description: 'Scheme of the other place. Default: the one of the request.' }),
  host: z
    .string({ error: HOST_WANTED })
    .max(255, { error: HOST_WANTED })
    .regex(HOST, { error: HOST_WANTED })
    .optional()
    .meta({ description: 'Host of the other place. Default: the one of the request.' }),
  path: z
    .string({ error: TEMPLATE_WANTED })
    .max(1024, { error: TEMPLATE_WANTED })
    .regex(TEMPLATE, { error: TEMPLATE_WANTED })
    .refine((template) => !DOT_SEGMENT.test(template), { error: TEMPLATE_WANTED })
    .optional()
    .meta({
      description: 'Literals, {path} and {query} of the request.',
      byDefault: '{path}?{query}',
    }),
}).refine(({ scheme, host, path }) => hasMember({ scheme, host, path }), {
  error: 'must say what is different: scheme, host or path',
});

const ANSWER_STATUS =
  'must be a status from 200 to 299 or from 400 to 599; for others there is "redirect"';
/** Of an answer that is written in the policy or in a file of it: octets. Each is kept in memory, and sent whole. */
export const MAX_ANSWER_BYTES = 64 * 1024;

const respond = mapping('Answers with what is written here.', {
  status: z
    .int({ error: ANSWER_STATUS })
    .refine((status) => (status >= 200 && status < 300) || (status >= 400 && status < 600), {
      error: ANSWER_STATUS,
    })
    .optional()
    .meta({ description: 'Status of the answer.', byDefault: 200 }),
  headers: z
    .record(z.string(), fieldText, { error: 'must be a mapping from header names to texts' })
    .optional()
    .meta({ description: 'Its header fields.' }),
  body: z
    .string({ error: 'must be a text' })
    .refine((body) => Buffer.byteLength(body) <= MAX_ANSWER_BYTES, {
      error: 'must be at most 64KiB long',
    })
    .optional()
    .meta({ description: 'Its content, text/plain unless headers say otherwise. Default: none.' }),
  file: path(
    'A file with its content, in place of "body", of at most 64 KiB. Its content type is that of its name, unless headers say another.',
  ).optional(),
})
  .refine(({ body, file }) => body === undefined || file === undefined, {
    error: 'must have one of "body" and "file"',
  })
  .refine(
    ({ status, body, file }) => (body ?? file) === undefined || (status !== 204 && status !== 205),
    { error: 'must have no body with status 204 or 205' },
  );

const rewrite = mapping(
  'The path that the application gets, where it is not the one of the client.',
  {
    strip: text(
      'A prefix that is removed, such as "/api"; every path here has to begin with it.',
    ).optional(),
    add: text('A prefix that is put in front, after "strip".').optional(),
    path: text('The whole path, in place of the one of the client. The query stays.').optional(),
  },
)
  .refine(hasMember, { error: 'must say "strip", "add" or "path"' })
  .refine(({ strip, add, path }) => path === undefined || (strip ?? add) === undefined, {
    error: 'must be "path" alone, or "strip" and "add"',
  });

/** What becomes of a request in place of, or on its way to, a service. */
export const answers = {
  redirect: asWhole(orNull(redirect)),
  respond: asWhole(orNull(respond)),
  rewrite: asWhole(orNull(rewrite)),
};

export type RedirectInput = z.output<typeof redirect>;
export type RespondInput = z.output<typeof respond>;
export type RewriteInput = z.output<typeof rewrite>;
