import { DURATION_PATTERN } from '../../core/duration.ts';
import { z } from 'zod';
import { parseAddressBlock } from '../../core/address-list.ts';
import type { AddressBlock } from '../../core/address-list.ts';
import { parseClaimPath } from '../rules/claim-path.ts';
import type { ClaimPath, ListenAddress, Rate } from '../snapshot/snapshot.ts';
import {
  BYTE_RATE_PATTERN,
  RATE_PATTERN,
  SIZE_PATTERN,
  byteRateText,
  durationText,
  listenText,
  parseByteRate,
  parseDuration,
  parseListenAddress,
  parseRate,
  parseSize,
  sizeText,
} from './units.ts';

/**
 * The small values of a policy. Their messages complete the sentence "<key> …, found <value>", and
 * begin with "must be" (see `issues/schema-issues.ts`). `format: 'path'` and `writeOnly` mark fields in which
 * references (`${env:X}`, `${file:path}`) are allowed; `writeOnly` ones are never shown.
 */

/**
 * The default of a value as an operator would write it, for `meta`: the editor schema and the reference
 * take it from there. The compile step takes the number that was given here. Not called `default`: zod
 * takes that away from a text that becomes a number.
 */
function byDefault<T>(
  value: T | undefined,
  written: (value: T) => unknown = (same) => same,
): { readonly byDefault?: unknown } {
  return value === undefined ? {} : { byDefault: written(value) };
}

/** A text that a parser turns into a number of one unit; `title` is the word that the reference has for it. */
// oxlint-disable-next-line max-params -- called once per kind of value, below, where the five read like a row of a table
function measured<T>(
  title: string,
  wanted: string,
  pattern: RegExp,
  parse: (text: string) => T | undefined,
  examples: string[],
) {
  return z
    .string({ error: wanted })
    .regex(pattern, { error: wanted })
    .meta({ title, examples })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: wanted });
      return z.NEVER;
    });
}

export const duration = (description: string, defaultMs?: number) =>
  measured(
    'duration',
    'must be a duration of at most 24 days such as "30s"',
    DURATION_PATTERN,
    parseDuration,
    ['500ms', '30s', '10m'],
  ).meta({ description, ...byDefault(defaultMs, durationText) });

/** For waits where nothing at all would be no wait but a refusal of everybody. */
export const wait = (description: string, defaultMs?: number) => {
  const wanted = 'must be a duration above 0 and of at most 24 days such as "30s"';
  const positive = (text: string) => parseDuration(text) || undefined;
  return measured('duration above 0', wanted, DURATION_PATTERN, positive, [
    '500ms',
    '30s',
    '10m',
  ]).meta({
    description,
    ...byDefault(defaultMs, durationText),
  });
};

/** For what a protocol counts in seconds: a fraction would be lost, and nothing at all is never met. */
export const seconds = (description: string) => {
  const wanted = 'must be a duration of whole seconds, from 1s to 24 days, such as "15m"';
  const whole = (text: string) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms > 0 && ms % 1000 === 0 ? ms : undefined;
  };
  return measured('duration in whole seconds', wanted, DURATION_PATTERN, whole, ['15m', '1h']).meta(
    { description },
  );
};

export const size = (description: string, defaultBytes?: number) =>
  measured('size', 'must be a size such as "10MiB"', SIZE_PATTERN, parseSize, [
    '32KiB',
    '10MiB',
  ]).meta({ description, ...byDefault(defaultBytes, sizeText) });

/** For sizes that an operator could only set beyond these bounds by mistake. */
export const sizeWithin = (description: string, bounds: SizeBounds) => {
  const { least, most } = bounds;
  const [from, to] = [parseSize(least)!, parseSize(most)!];
  const within = (text: string) => {
    const octets = parseSize(text);
    return octets !== undefined && octets >= from && octets <= to ? octets : undefined;
  };
  const title = `size from ${least} to ${most}`;
  return measured(title, `must be a ${title}`, SIZE_PATTERN, within, ['32KiB']).meta({
    description,
    ...byDefault(bounds.defaultBytes, sizeText),
  });
};

interface SizeBounds {
  readonly least: string;
  readonly most: string;
  readonly defaultBytes?: number;
}

export const rate = (description: string) =>
  measured<Rate>(
    'rate',
    'must be a rate above 0 such as "10/s" (per s, m, h or d)',
    RATE_PATTERN,
    parseRate,
    ['10/s', '1000/m'],
  ).meta({ description });

export const byteRate = (description: string, defaultBytes?: number) =>
  measured(
    'octets per second',
    'must be octets per second such as "240B/s"',
    BYTE_RATE_PATTERN,
    parseByteRate,
    ['240B/s'],
  ).meta({ description, ...byDefault(defaultBytes, byteRateText) });

export const claimPath = (description: string) =>
  measured<ClaimPath>(
    'claim path',
    'must be a claim path such as "identity.claims.org" or identity.claims["https://x/y"]',
    /^(identity|tenant)\./,
    parseClaimPath,
    ['identity.claims.org', 'identity.subject'],
  ).meta({ description });

const BLOCK = 'must be an address or a block without host bits, such as 192.0.2.7 or 10.0.0.0/8';
const BLOCKS = 'must be a list of addresses and blocks';

/** The list is walked for each request. */
const MOST_BLOCKS = 1_000;

export const addressBlocks = (description: string) =>
  z
    .array(
      measured<AddressBlock>(
        'address or block',
        BLOCK,
        /^[0-9A-Fa-f:.]{2,45}(\/\d{1,3})?$/,
        parseAddressBlock,
        ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'],
      ),
      { error: BLOCKS },
    )
    .min(1, { error: 'must name at least one address' })
    .max(MOST_BLOCKS, { error: `must have at most ${MOST_BLOCKS} entries` })
    .meta({ description });

/** `bounds`: the least, the greatest and, where there is one, the default. */
export const wholeNumber = (
  description: string,
  ...bounds: readonly [minimum: number, maximum: number, whenAbsent?: number]
) => {
  const [minimum, maximum, whenAbsent] = bounds;
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .int({ error })
    .min(minimum, { error })
    .max(maximum, { error })
    .meta({ description, ...byDefault(whenAbsent) });
};

const LISTEN =
  'must be a port from 0 to 65535, or "address:port" with an IP address or host name of this machine';

export const listenAddress = (description: string, whenAbsent?: ListenAddress) =>
  z
    .union([z.int().min(0).max(65_535), z.string()], { error: LISTEN })
    .transform((value, context): ListenAddress => {
      const address = parseListenAddress(value);
      if (address !== undefined) return address;
      context.addIssue({ code: 'custom', message: LISTEN });
      return z.NEVER;
    })
    .meta({
      description,
      title: 'port or "address:port"',
      examples: [8443, '127.0.0.1:9090'],
      ...byDefault(whenAbsent, listenText),
    });

export const text = (description: string, wanted = 'must be a text') =>
  z.string({ error: wanted }).min(1, { error: 'must not be empty' }).meta({ description });

/** A file or folder, relative to the policy directory. */
export const path = (description: string) =>
  text(description, 'must be the path of a file').meta({ description, format: 'path' });

const NAME_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
const NAME = 'must be a name of lower-case letters, digits and "-", beginning with a letter';

/** The name of another part of the set. Its form is not judged: that it exists is what counts. */
export const reference = (description: string, wanted: string) => text(description, wanted);

/** A field that `null` resets to its default. */
export const orNull = <T extends z.ZodType>(value: T) => {
  const { description, byDefault: whenAbsent } = value.meta() ?? {};
  return value
    .nullable()
    .optional()
    .meta({
      ...(description === undefined ? {} : { description }),
      ...byDefault(whenAbsent),
    });
};

/** A section whose keys are names that the operator chooses. */
export const named = <T extends z.ZodType>(value: T, description: string) =>
  z
    .record(z.string().regex(NAME_PATTERN, { error: NAME }), value, {
      error: 'must be a mapping of names',
    })
    .meta({ description });

/** A mapping that refuses keys it does not know. */
export const mapping = <T extends z.core.$ZodLooseShape>(description: string, shape: T) =>
  z.strictObject(shape, { error: objectError }).meta({ description });

function objectError(issue: { code?: string | undefined }): string | undefined {
  return issue.code === 'invalid_type' ? 'must be a mapping of keys' : undefined;
}
