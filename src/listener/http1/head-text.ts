import { STATUS_CODES } from 'node:http';
import { fieldPairs } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** RFC 9110 5.5: a tab is a control character and allowed in a value. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * A response head as text, one octet a character: of an interim response, of 101, and of a response that
 * node has no ServerResponse for. Fields that could break the head are left out (E22).
 */
export function headText(status: number, headers: HeaderList): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const [name, value] of fieldPairs(headers)) {
    if (NAME.test(name) && VALUE.test(value)) head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}
