import { fieldValues, hasField } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';

/** The fields with those of `headers.preset` that are not among them: whoever made the response knows better. */
export function withPreset(headers: HeaderList, preset: HeaderList): HeaderList {
  const fields: MutableHeaderList = [...headers];
  for (let i = 0; i < preset.length; i += 2) {
    const name = preset[i]!;
    if (!hasField(headers, name) && !isSaidElsewhere(name, headers)) {
      fields.push(name, preset[i + 1]!);
    }
  }
  return fields;
}

/** CSP 3, 6.4.2.2: where a policy has `frame-ancestors`, browsers do not look at X-Frame-Options. */
function isSaidElsewhere(name: string, headers: HeaderList): boolean {
  if (name !== 'x-frame-options') return false;
  return fieldValues(headers, 'content-security-policy').some((policy) =>
    /(?:^|[;,])\s*frame-ancestors\s/i.test(policy),
  );
}
