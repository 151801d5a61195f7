import { describe, expect, it } from "vitest";
import type { Catalogue } from "../src/data/types";
import { chosen, HEADLINES } from "../src/views/overview/headlines";
import { type Phrases, sayer } from "../src/words";

const files = import.meta.glob<Record<string, unknown>>("../src/words/!(index).ts", { eager: true });
const facts = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((each) => each[1]).sort();

describe.each(Object.entries(files))("phrases of %s", (_, module) => {
  const sets = Object.values(module).filter((each): each is Phrases => typeof each === "object");
  it("are there in both languages, with the same facts in them", () => {
    expect(sets.length).toBeGreaterThan(0);
    for (const [key, [zh, en]] of sets.flatMap((each) => Object.entries(each))) {
      expect(zh.trim() && en.trim(), key).toBeTruthy();
      expect(facts(zh), key).toEqual(facts(en));
    }
  });
});

describe("a phrase", () => {
  const phrases = { has: ["有 {number} 个", "{number} of them"] } as const;
  it("is filled in", () => expect(sayer(phrases, "en")("has", { number: 3 })).toBe("3 of them"));
  it("takes markup in a fact for text", () => expect(sayer(phrases, "zh")("has", { number: "<b>" })).toBe("有 <b> 个"));
});

describe("the headlines", () => {
  it("are a dozen different indicators, each with its question in both languages", () => {
    expect(HEADLINES).toHaveLength(12);
    expect(new Set(HEADLINES.map((each) => each.indicator)).size).toBe(12);
    for (const each of HEADLINES) expect(each.why.zh && each.why.en && each.methods[0]).toBeTruthy();
  });
  it("show the method asked for, and another only where a realm holds nothing of it", () => {
    const indicator = (method: string, realm: string) => ({ code: "senior_participation", method, has: { [realm]: {} } });
    const catalogue = (...all: unknown[]) => ({ indicators: all }) as unknown as Catalogue;
    const senior = HEADLINES.find((each) => each.indicator === "senior_participation")!;
    const [asked, other] = [indicator("senior_universities", "simulated"), indicator("any_source", "simulated")];
    expect(chosen(senior, catalogue(other, asked), "simulated")?.method).toBe("senior_universities");
    expect(chosen(senior, catalogue(other, indicator("senior_universities", "real")), "simulated")?.method).toBe("any_source");
    expect(chosen(senior, catalogue(asked), "real")).toBeUndefined();
  });
});
