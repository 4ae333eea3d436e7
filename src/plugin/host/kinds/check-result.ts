import { identityFault } from './check-identity.ts';

/** No plugin needs more than a handful; more is a mistake that would become response fields. */
const MAX_LIST = 16;
const MAX_FIELD_LENGTH = 8192;
/** RFC 6265bis 5.6: user agents drop cookies whose name and value exceed this (L4). */
const MAX_COOKIE_OCTETS = 4096;
const MAX_COOKIE_AGE_SECONDS = 400 * 86_400;
/** RFC 9110 5.5: field-content and blanks; no CR, LF, NUL, nothing beyond one octet (E22). */
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]+$/;
const REASON_CODE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const COOKIE_VALUE = /^[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]*$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Undefined when `value` is a well-formed AuthResult, else what is wrong with it. Sentences name the
 * member, never its value: a malformed result may hold a credential.
 */
export function resultFault(value: unknown): string | undefined {
  if (!isObject(value)) return 'result is not an object';
  switch (value['kind']) {
    case 'pass':
      return value['unclaimed'] === undefined ? undefined : unclaimedFault(value['unclaimed']);
    case 'identity':
      return (
        identityFault(value['identity']) ??
        cookiesFault(value['setCookies']) ??
        authorizationFault(value['authorization'])
      );
    case 'challenge':
      return (
        challengeFault(value['challenge']) ??
        reasonFault(value['reason']) ??
        stepUpFault(value['isStepUp'])
      );
    case 'deny':
      return denyFault(value);
    default:
      return 'result.kind is none of pass, identity, challenge, deny';
  }
}

/** The same for a Challenge. */
export function challengeFault(value: unknown): string | undefined {
  if (!isObject(value)) return 'challenge is not an object';
  if ('kind' in value) return 'challenge has a kind, which belongs to results';
  const fault =
    fieldValuesFault(value['wwwAuthenticate']) ??
    (value['unavailable'] === undefined ? undefined : reasonFault(value['unavailable']));
  if (fault !== undefined || value['redirect'] === undefined) return fault;
  const redirect = value['redirect'];
  if (!isObject(redirect)) return 'redirect is not an object';
  if (!isLocation(redirect['location'])) return 'redirect.location is not an http(s) URL or a path';
  return cookiesFault(redirect['setCookies']);
}

function stepUpFault(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'boolean') return undefined;
  return 'challenge.isStepUp is not true or false';
}

function denyFault(result: Fields): string | undefined {
  if (result['status'] !== 401 && result['status'] !== 403) return 'deny.status is not 401 or 403';
  return reasonFault(result['reason']) ?? fieldValuesFault(result['wwwAuthenticate']);
}

function unclaimedFault(unclaimed: unknown): string | undefined {
  if (!isObject(unclaimed)) return 'pass.unclaimed is not an object';
  return reasonFault(unclaimed['reason']) ?? fieldValuesFault(unclaimed['wwwAuthenticate']);
}

/** Undefined when `reason` is a well-formed Reason. */
export function reasonFault(reason: unknown): string | undefined {
  if (!isObject(reason)) return 'reason is not an object';
  const code = reason['code'];
  if (typeof code !== 'string' || code.length > 100 || !REASON_CODE.test(code)) {
    return 'reason.code is not lower-case words joined by dots';
  }
  const detail = reason['detail'];
  if (detail !== undefined && typeof detail !== 'string') return 'reason.detail is not a text';
  return undefined;
}

function fieldValuesFault(values: unknown): string | undefined {
  if (values === undefined) return undefined;
  if (!Array.isArray(values)) return 'wwwAuthenticate is not a list';
  if (values.length > MAX_LIST) return `wwwAuthenticate has more than ${MAX_LIST} members`;
  return values.every(isFieldValue) ? undefined : 'wwwAuthenticate holds an invalid field value';
}

function authorizationFault(value: unknown): string | undefined {
  if (value === undefined || isFieldValue(value)) return undefined;
  return 'authorization is not a field value';
}

function isFieldValue(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_FIELD_LENGTH && FIELD_VALUE.test(value);
}

/** An absolute http(s) URL without user information, or a path on this host (R-34: no `//`, no `/`). */
function isLocation(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_FIELD_LENGTH) return false;
  if (!/^[\u0021-\u007e]+$/.test(value)) return false;
  if (value.startsWith('/')) return !/^\/[/\\]/.test(value);
  const url = URL.parse(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || url.protocol === 'http:';
}

/** Undefined when `cookies` is a list of cookies that can be set, or absent. */
export function cookiesFault(cookies: unknown): string | undefined {
  if (cookies === undefined) return undefined;
  if (!Array.isArray(cookies)) return 'setCookies is not a list';
  if (cookies.length > MAX_LIST) return `setCookies has more than ${MAX_LIST} members`;
  return cookies.every(isCookie) ? undefined : 'setCookies holds an invalid cookie';
}

function isCookie(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, value: content, maxAgeSeconds: age, crossSitePost } = value;
  if (typeof name !== 'string' || !COOKIE_NAME.test(name)) return false;
  if (typeof content !== 'string' || !COOKIE_VALUE.test(content)) return false;
  if (name.length + content.length > MAX_COOKIE_OCTETS) return false;
  if (crossSitePost !== undefined && typeof crossSitePost !== 'boolean') return false;
  return age === undefined || (isWhole(age) && age <= MAX_COOKIE_AGE_SECONDS);
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
