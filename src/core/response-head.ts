/**
 * The largest response head that an HTTP/2 application may send: node takes nine frames of 16 KiB for one,
 * and ends the whole connection at a tenth, other streams and all.
 */
export const MAX_H2_RESPONSE_HEAD_BYTES = 128 * 1024;
