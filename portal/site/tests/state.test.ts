import { describe, expect, it } from "vitest";
import { addressOf, changed, placeOf } from "../src/state";

describe("the address", () => {
  it("gives back every place it was made of", () => {
    const place = { view: "counties", lang: "en" as const, realm: "simulated" as const, terms: { area: "330106", find: "a&b=c#ü 县" } };
    expect(placeOf(addressOf(place), "zh")).toEqual(place);
  });
  it("is the same for the same place, whatever order it was said in", () => {
    const one = placeOf("#/gaps?area=330106&lang=zh&method=x", "en");
    const other = placeOf("#/gaps?method=x&lang=zh&area=330106", "en");
    expect(addressOf(one)).toBe(addressOf(other));
  });
  it.each(["", "#", "#/", "#?lang=fr", "nonsense=1", "#/?realm=invented"])("of %j opens the overview", (hash) => {
    const place = placeOf(hash, "zh");
    expect(place.lang).toBe("zh");
    expect(place.realm).toBeNull();
  });
  it("takes area and indicator along to another view and leaves the rest behind", () => {
    const here = placeOf("#/counties?lang=en&area=330106&indicator=i&method=m&period=2024&find=x", "zh");
    expect(changed(here, { view: "gaps" }).terms).toEqual({ area: "330106", indicator: "i", method: "m" });
    expect(changed(here, { period: null, area: "" }).terms).toEqual({ indicator: "i", method: "m", find: "x" });
  });
  it("keeps everything when only the language changes", () => {
    const here = placeOf("#/counties?lang=en&realm=real&area=330106&period=2024", "zh");
    expect(changed(here, { lang: "zh" })).toEqual({ ...here, lang: "zh" });
  });
});
