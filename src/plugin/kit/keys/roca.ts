/**
 * CVE-2017-15361: a chip maker's generator made moduli that are powers of 65537 modulo every small
 * prime. A modulus with that fingerprint is theirs, and can be factored; chance gives it one in 2^27
 * at the most (Nemec et al., "The Return of Coppersmith's Attack", 2017).
 */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

let powers: ReadonlyMap<bigint, ReadonlySet<bigint>> | undefined;

export function isRocaModulus(modulus: bigint): boolean {
  powers ??= new Map(PRIMES.map((prime) => [BigInt(prime), powersModulo(BigInt(prime))]));
  for (const [prime, residues] of powers) {
    if (!residues.has(modulus % prime)) return false;
  }
  return true;
}

function powersModulo(prime: bigint): ReadonlySet<bigint> {
  const residues = new Set<bigint>();
  for (let power = 1n; !residues.has(power); power = (power * 65_537n) % prime) residues.add(power);
  return residues;
}
