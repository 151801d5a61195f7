/** Phrases in Chinese and English: the frame's in words/frame.ts, the parts' in words/parts.ts, a view's in words/<view>.ts. */
import { useSite } from "../site";
import type { Lang } from "../data/types";

/** Each phrase is [Chinese, English]; `{name}` in it is filled in. */
export type Phrases = Readonly<Record<string, readonly [zh: string, en: string]>>;
export type Facts = Readonly<Record<string, string | number>>;
export type Say<P extends Phrases> = (key: keyof P & string, facts?: Facts) => string;

/** Says phrases of one set in one language. */
export function sayer<P extends Phrases>(phrases: P, lang: Lang): Say<P> {
  return (key, facts) => {
    const text = phrases[key]![lang === "zh" ? 0 : 1];
    return facts ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole)) : text;
  };
}

/** The same, in the reader's language. */
export function useWords<P extends Phrases>(phrases: P): Say<P> {
  return sayer(phrases, useSite().lang);
}
