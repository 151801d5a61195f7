/** The dozen figures the overview opens with, and why each of them: one a question that a minister asks. */
import { indicatorOf } from "../../data/select";
import type { Catalogue, Indicator, Named, Realm } from "../../data/types";

export interface Headline {
  indicator: string;
  /** the method asked for, and what stands in for it where a realm holds none of it; each says its own in its name */
  methods: readonly string[];
  why: Named;
  /** of a derived figure: what it is made of (its breakdown) and the pair */
  of?: string;
  member?: string;
}

export const HEADLINES: readonly Headline[] = [
  // who learns: the two goals of the province's plan
  { indicator: "lifelong_learning_participation", methods: ["administrative_12m"], why: { zh: "成年人在学吗", en: "Do adults learn?" } },
  { indicator: "senior_participation", methods: ["senior_universities", "any_source"], why: { zh: "老年人在学吗", en: "Do older people learn?" } },
  // what people have reached, and where the mountains stand in it
  { indicator: "mean_years_schooling", methods: ["census_3plus_jc16"], why: { zh: "人们受过多少教育", en: "How schooled are people?" } },
  {
    indicator: "gap_absolute", methods: ["difference"], of: "mean_years_schooling.census_3plus_jc16", member: "mountain26/rest",
    why: { zh: "山区落后多少", en: "Are the mountains behind?" },
  },
  // who is at school, from the first stage to the last
  { indicator: "gross_enrolment_kindergarten", methods: ["records_by_residence", "returns_by_school"], why: { zh: "幼儿入园了吗", en: "Are the youngest in?" } },
  { indicator: "gross_enrolment_senior", methods: ["records_by_residence", "returns_by_school"], why: { zh: "少年读高中了吗", en: "Do pupils stay on?" } },
  { indicator: "gross_enrolment_higher_education", methods: ["cn_national_on_residents", "uis"], why: { zh: "青年上大学了吗", en: "Do they go to university?" } },
  // what schools have
  { indicator: "school_places_occupancy", methods: ["returns_places"], why: { zh: "学位够吗", en: "Are there places enough?" } },
  { indicator: "pupil_teacher_ratio", methods: ["returns_full_time", "records_active_1sep"], why: { zh: "教师够吗", en: "Are there teachers enough?" } },
  // what comes of it
  { indicator: "credit_transfer_rate", methods: ["learners", "credits"], why: { zh: "学过的算数吗", en: "Does learning count?" } },
  { indicator: "skilled_ratio", methods: ["registered_employment", "labour_force_survey"], why: { zh: "劳动者有技能吗", en: "Is the workforce skilled?" } },
  { indicator: "first_job_within_12_months", methods: ["registered_employment"], why: { zh: "毕业后有工作吗", en: "Do leavers find work?" } },
];

/** The indicator a headline shows in a realm; undefined where the realm holds none of its methods. */
export function chosen(headline: Headline, catalogue: Catalogue, realm: Realm): Indicator | undefined {
  const known = headline.methods.map((method) => indicatorOf(catalogue, headline.indicator, method));
  return known.find((each) => each?.has[realm]);
}
