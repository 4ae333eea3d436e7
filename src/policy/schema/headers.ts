import { z } from 'zod';
import { fieldText } from './field-text.ts';
import { byName } from './joining.ts';
import { claimPath, mapping, orNull, text } from './scalars.ts';

const identity = z
  .record(z.string(), claimPath('Where the value comes from.').nullable(), {
    error: 'must be a mapping from header names to claim paths',
  })
  .meta({ description: 'Fields that the application gets, and where each value comes from.' });

const lists = z
  .enum(['json', 'comma', 'repeated'], { error: 'must be "json", "comma" or "repeated"' })
  .meta({
    description:
      'How a claim that is a list is written: JSON, its elements with commas between, or a field for each.',
    byDefault: 'json',
  });

const VALUE_WANTED = 'must be a text or a list of texts';
const MOST_LINES = 32;

const values = z.union(
  [
    fieldText,
    z
      .array(fieldText, { error: VALUE_WANTED })
      .min(1, { error: 'must have at least one text' })
      .max(MOST_LINES, { error: `must have at most ${MOST_LINES} texts` }),
  ],
  { error: VALUE_WANTED },
);

const fields = (description: string) =>
  z
    .record(z.string(), values.nullable(), {
      error: 'must be a mapping from header names to texts',
    })
    .meta({ description });

const names = (description: string) =>
  z
    .array(text('Name of a header.', 'must be the name of a header'), {
      error: 'must be a list of header names',
    })
    .min(1, { error: 'must name at least one header' })
    .meta({ description });

const request = mapping('Fields of the request on its way to the application.', {
  set: orNull(
    fields(
      "Fields that the application gets in place of the client's: texts with placeholders such as {identity.subject}.",
    ),
  ),
  add: orNull(fields('Fields that the application gets beside those of the client.')),
  remove: byName(orNull(names('Fields of the client that the application does not get.'))),
});

const response = mapping('Fields of the response on its way to the client.', {
  set: orNull(fields("Fields that the client gets in place of the application's.")),
  add: orNull(fields('Fields that the client gets beside those of the application.')),
  remove: byName(orNull(names('Fields of the application that the client does not get.'))),
});

const preset = z.enum(['web', 'off'], { error: 'must be "web" or "off"' }).meta({
  description:
    'web: security headers for browsers in every response that has none of that name (docs/headers.md).',
  byDefault: 'off',
});

/** The part of a rule that is about fields; `gateway.defaults` may say all of it, too. */
export const headers = mapping('Fields of requests and responses.', {
  identity: orNull(identity),
  lists: orNull(lists),
  request: orNull(request),
  response: orNull(response),
  preset: orNull(preset),
});
