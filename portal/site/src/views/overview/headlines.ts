/** The dozen figures the overview opens with, and why each of them: one a question that a minister asks. */
import type { Named } from "../../data/types";

export interface Headline {
  indicator: string;
  method: string;
  why: Named;
}

export const HEADLINES: readonly Headline[] = [
  { indicator: "lifelong_learning_participation", method: "administrative_12m", why: { zh: "成年人在学吗", en: "Do adults learn?" } },
  { indicator: "senior_participation", method: "senior_universities", why: { zh: "老年人在学吗", en: "Do the old learn?" } },
  { indicator: "mean_years_schooling", method: "census_3plus_jc16", why: { zh: "人们受过多少教育", en: "How much schooling do people have?" } },
  { indicator: "expected_years_of_schooling", method: "uis_schools", why: { zh: "孩子能上多少年学", en: "How much will a child get?" } },
  { indicator: "gross_enrolment_kindergarten", method: "records_by_residence", why: { zh: "幼儿入园了吗", en: "Are the youngest in kindergarten?" } },
  { indicator: "gross_enrolment_senior", method: "records_by_residence", why: { zh: "少年读高中了吗", en: "Do they stay to upper secondary?" } },
  { indicator: "gross_enrolment_higher_education", method: "cn_national_on_residents", why: { zh: "青年上大学了吗", en: "Do they go on to higher education?" } },
  { indicator: "school_places_occupancy", method: "returns_places", why: { zh: "学位够吗", en: "Are there places enough?" } },
  { indicator: "pupil_teacher_ratio", method: "returns_full_time", why: { zh: "教师够吗", en: "Are there teachers enough?" } },
  { indicator: "credit_transfer_rate", method: "learners", why: { zh: "学过的算数吗", en: "Does what was learnt count elsewhere?" } },
  { indicator: "skilled_ratio", method: "registered_employment", why: { zh: "劳动者有技能吗", en: "Is the workforce skilled?" } },
  { indicator: "first_job_within_12_months", method: "registered_employment", why: { zh: "毕业后有工作吗", en: "Do leavers find work?" } },
];
