import { z } from 'zod';

const WANTED = 'must be a text of printable ASCII, without spaces at its ends';

/** What an operator may write as the value of a header field: RFC 9110 5.5 without obs-text and tabs. */
export const fieldText = z
  .string({ error: WANTED })
  .max(4096, { error: 'must be at most 4096 characters long' })
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, { error: WANTED });
