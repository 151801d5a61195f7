/** Members of breakdowns by name. */
import type { Catalogue, Named } from "./types";

/** What a member is called; its code where nobody named it. */
export function memberName(catalogue: Catalogue, dimension: string, code: string): Named {
  return catalogue.dimensions[dimension]?.members.find((each) => each.code === code) ?? { zh: code, en: code };
}

/** Codes in the order of the catalogue, unnamed ones last. */
export function inOrder(catalogue: Catalogue, dimension: string, codes: Iterable<string>): string[] {
  const order = new Map(catalogue.dimensions[dimension]?.members.map((each, at) => [each.code, at]));
  const place = (code: string) => order.get(code) ?? Number.MAX_SAFE_INTEGER;
  return [...new Set(codes)].sort((one, other) => place(one) - place(other) || one.localeCompare(other));
}
