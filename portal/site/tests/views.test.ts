import { describe, expect, it } from "vitest";
import { ENTRIES, load } from "../src/views";

const folders = Object.keys(import.meta.glob("../src/views/*/index.tsx")).map((path) => path.split("/").at(-2));

describe("the menu", () => {
  it("names every view there is, once, in both languages", () => {
    expect(ENTRIES.map((each) => each.id).sort()).toEqual(folders.sort());
    for (const each of ENTRIES) expect(each.zh && each.en, each.id).toBeTruthy();
  });
  it("leads nowhere for a name it does not know", () => expect(load("nowhere")).toBeUndefined());
});
