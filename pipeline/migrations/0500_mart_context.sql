-- What a number of mart is about, in words: areas, breakdowns, targets, where it came from and why it changed.
-- With it a reader of mart, a page or a file needs no other schema.

alter table mart.indicator_definition add column subject text;

-- areas, names and targets are as the last publication found them; numbers and reasons belong to a release for good
create table mart.area (
    area_code text primary key,
    area_level text not null check (area_level in ('province', 'prefecture', 'county')),
    name_zh text not null,
    name_en text not null,
    parent_area_code text,
    valid_from date,
    valid_to date,
    groups text[] not null default '{}'
);

create table mart.dimension (
    dimension text primary key,
    name_zh text not null,
    name_en text not null,
    sort_order integer not null
);

create table mart.dimension_member (
    dimension text not null references mart.dimension,
    member text not null,
    name_zh text not null,
    name_en text not null,
    sort_order integer not null,
    primary key (dimension, member)
);

create table mart.target (
    realm text not null check (realm in ('real', 'simulated')),
    indicator_code text not null,
    method text not null,
    area_code text not null,
    target_year integer not null,
    document_no text not null,
    target_value double precision not null,
    unit text not null,
    direction text not null check (direction in ('at_least', 'at_most')),
    document_title text not null,
    issued_date date,
    note text,
    primary key (realm, indicator_code, method, area_code, target_year, document_no)
);

create table mart.indicator_source (
    release_id integer not null references mart.release,
    indicator_code text not null,
    method text not null,
    realm text not null check (realm in ('real', 'simulated')),
    agency_code text not null,
    agency_name_zh text not null,
    agency_name_en text not null,
    entities text[] not null,
    batches integer not null,
    newest timestamptz not null,
    primary key (release_id, indicator_code, method, realm, agency_code)
);

create table mart.revision (
    release_id integer not null references mart.release,
    earlier_release_id integer not null references mart.release,
    indicator_code text not null,
    method text not null,
    realm text not null check (realm in ('real', 'simulated')),
    area_code text not null,
    period text not null,
    dimension text not null,
    member text not null,
    old_status text,
    old_value double precision,
    new_status text,
    new_value double precision,
    why text not null check (why in ('data', 'definition', 'models', 'nothing known')),
    primary key (release_id, indicator_code, method, realm, area_code, period, dimension, member)
);

create table mart.revision_delivery (
    release_id integer not null references mart.release,
    indicator_code text not null,
    realm text not null check (realm in ('real', 'simulated')),
    agency_code text not null,
    agency_name_zh text not null,
    agency_name_en text not null,
    entity text not null,
    what text not null,
    deliveries integer not null,
    newest timestamptz,
    primary key (release_id, indicator_code, realm, agency_code, entity, what)
);

-- releases whose sources and changes have been written down (there may be none to write)
create table mart.explained (
    release_id integer primary key references mart.release,
    explained_at timestamptz not null default now()
);

comment on schema mart is
'Published numbers, what they mean and what they are about. Nothing here points at a person.';

comment on table mart.release is 'Every publication. Releases are kept and never changed.';
comment on column mart.release.release_id is 'Number of the release; later ones are higher.';
comment on column mart.release.published_at is 'When it was published.';
comment on column mart.release.as_of is 'The moment of the warehouse it shows.';
comment on column mart.release.released_seq is 'How far deliveries had been taken in; engineers compare by it.';
comment on column mart.release.note is 'What readers should know of it.';
comment on column mart.release.project_digest is 'Checksum of the models that made its numbers.';

comment on table mart.current_release is 'One row: the release that readers see now.';
comment on column mart.current_release.is_current is 'Always true; there is one row.';
comment on column mart.current_release.release_id is 'The release in force.';
comment on column mart.current_release.moved_at is 'Since when.';

comment on table mart.indicator_value is
'All numbers of all releases: one row an indicator, method, realm, area, period, and member of a breakdown.';
comment on view mart.current_indicator_value is
'The numbers of the release in force; start here. One row an indicator, method, realm, area, period and member.';
do $$
declare
    relation text;
    told record;
begin
    foreach relation in array array['indicator_value', 'current_indicator_value'] loop
        for told in select * from (values
            ('release_id', 'Release the number belongs to.'),
            ('indicator_code', 'Indicator; its meaning is in mart.indicator_definition.'),
            ('method', 'Way of counting. Compare within one method only.'),
            ('realm', 'real, or simulated (every person is invented). The two never meet in one number.'),
            ('area_code', 'Division code (GB/T 2260); names are in mart.area.'),
            ('area_level', 'province, prefecture or county.'),
            ('period', 'Calendar or school year (by the year it begins in; a forecast''s by the year it ends in), or day.'),
            ('dimension', 'Breakdown (mart.dimension); total for the whole. Of a derived figure: what it is made of.'),
            ('member', 'Place in the breakdown (mart.dimension_member); total for the whole.'),
            ('value', 'The number; null unless status is published. Missing is not zero.'),
            ('unit', 'Unit of the value: pct (0 to 100), years, persons, ratio, index, cny, schools, places and so on.'),
            ('unit_of_count', 'What is counted: person, institution, credit or none.'),
            ('numerator', 'What was divided; null where there is none or it is not shown.'),
            ('denominator', 'What it was divided by; null where there is none or it is not shown.'),
            ('coverage_pct', 'Per cent of the numerator''s records that belong to a known person.'),
            ('status', 'published; withheld: too few persons; needs_input: a return is missing; not_applicable.'),
            ('status_note', 'Of needs_input the missing return; of a forecast its method and past error.'),
            ('definition_version', 'Version of the definition it was made by.'),
            ('as_of', 'Day the number is about.'),
            ('value_low', 'Lower bound: a forecast''s interval, a survey''s margin, or records that belong to nobody yet.'),
            ('value_high', 'Upper bound, likewise.')
        ) as t (name, text)
        loop
            execute format('comment on column mart.%I.%I is %L', relation, told.name, told.text);
        end loop;
    end loop;
end
$$;

comment on table mart.indicator_definition is
'What every published number means, one row a version: a version that was published never reads otherwise.';
comment on column mart.indicator_definition.indicator_code is 'Indicator.';
comment on column mart.indicator_definition.method is 'Way of counting.';
comment on column mart.indicator_definition.definition_version is 'Version; numbers name the one they were made by.';
comment on column mart.indicator_definition.name_zh is 'Name in Chinese.';
comment on column mart.indicator_definition.name_en is 'Name in English.';
comment on column mart.indicator_definition.sentence_zh is 'What it says, in one plain sentence, in Chinese.';
comment on column mart.indicator_definition.sentence_en is 'What it says, in one plain sentence, in English.';
comment on column mart.indicator_definition.formula is 'How it is counted.';
comment on column mart.indicator_definition.source is 'Where the definition comes from.';
comment on column mart.indicator_definition.numerator is 'What is divided, in words.';
comment on column mart.indicator_definition.denominator is 'What it is divided by, in words.';
comment on column mart.indicator_definition.reference_date is 'Day or moment it refers to, in words.';
comment on column mart.indicator_definition.unit is 'Unit of the value; input: the unit of what it is made from.';
comment on column mart.indicator_definition.unit_of_count is 'What is counted: person, institution, credit or none.';
comment on column mart.indicator_definition.missing_return is 'The return it waits for where it has none.';
comment on column mart.indicator_definition.seed_table_1 is 'Row of the province''s list of lifelong-learning indicators.';
comment on column mart.indicator_definition.better is 'higher, lower or neither.';
comment on column mart.indicator_definition.first_release_id is 'First release that used this version.';
comment on column mart.indicator_definition.subject is
'schools, adults, lifelong, credit, forecast or inequality: where it stands in lists.';

comment on column mart.data_gap.indicator_code is 'Indicator.';
comment on column mart.data_gap.method is 'Way of counting.';
comment on column mart.data_gap.realm is 'real or simulated.';
comment on column mart.data_gap.area_code is 'Division code.';
comment on column mart.data_gap.area_level is 'province, prefecture or county.';
comment on column mart.data_gap.period is 'Year or day.';
comment on column mart.data_gap.dimension is 'Breakdown.';
comment on column mart.data_gap.member is 'Place in the breakdown.';
comment on column mart.data_gap.name_zh is 'Name of the indicator in Chinese.';
comment on column mart.data_gap.name_en is 'Name of the indicator in English.';
comment on column mart.data_gap.missing_return is 'What has to be sent, in Chinese and English.';
comment on column mart.data_gap.send_to_sources is 'Sources that take it in.';

comment on table mart.area is
'The province, its prefectures and counties; one row a code, as the last publication found them.';
comment on column mart.area.area_code is 'Division code (GB/T 2260).';
comment on column mart.area.area_level is 'province, prefecture or county.';
comment on column mart.area.name_zh is 'Name in Chinese.';
comment on column mart.area.name_en is 'Name in English.';
comment on column mart.area.parent_area_code is 'The prefecture of a county, the province of a prefecture.';
comment on column mart.area.valid_from is 'First day of the code; null where it is older than the list.';
comment on column mart.area.valid_to is 'Day since which the code is no more; null while it is in force.';
comment on column mart.area.groups is
'Lists it stands on: mountain (mountain and island counties of the day), mountain26_2021 (the first list), island.';

comment on table mart.dimension is 'Breakdowns and their names.';
comment on column mart.dimension.dimension is
'Breakdown; indicator.method where a figure is made of an indicator''s figures.';
comment on column mart.dimension.name_zh is 'Name in Chinese.';
comment on column mart.dimension.name_en is 'Name in English.';
comment on column mart.dimension.sort_order is 'Place in lists.';

comment on table mart.dimension_member is 'Members of breakdowns, their names and their order.';
comment on column mart.dimension_member.dimension is 'Breakdown.';
comment on column mart.dimension_member.member is 'Code of the member, as numbers carry it.';
comment on column mart.dimension_member.name_zh is 'Name in Chinese.';
comment on column mart.dimension_member.name_en is 'Name in English.';
comment on column mart.dimension_member.sort_order is 'Place within the breakdown.';

comment on table mart.target is
'What plans say an indicator should come to, for every method whose unit the target fits.';
comment on column mart.target.realm is 'real or simulated.';
comment on column mart.target.indicator_code is 'Indicator.';
comment on column mart.target.method is 'Way of counting it is comparable with.';
comment on column mart.target.area_code is 'Division code.';
comment on column mart.target.target_year is 'Year by which it is to be reached.';
comment on column mart.target.document_no is 'Number of the document.';
comment on column mart.target.target_value is 'What is to be reached.';
comment on column mart.target.unit is 'Its unit, that of the indicator''s value.';
comment on column mart.target.direction is 'at_least or at_most.';
comment on column mart.target.document_title is 'Title of the document.';
comment on column mart.target.issued_date is 'Day of the document.';
comment on column mart.target.note is 'What the document says besides.';

comment on table mart.indicator_source is
'Agencies whose deliveries can have entered an indicator of a release, by the lineage of its models.';
comment on column mart.indicator_source.release_id is 'Release.';
comment on column mart.indicator_source.indicator_code is 'Indicator.';
comment on column mart.indicator_source.method is 'Way of counting.';
comment on column mart.indicator_source.realm is 'real or simulated.';
comment on column mart.indicator_source.agency_code is 'Agency.';
comment on column mart.indicator_source.agency_name_zh is 'Its name in Chinese.';
comment on column mart.indicator_source.agency_name_en is 'Its name in English.';
comment on column mart.indicator_source.entities is 'What it delivers: source.entity.';
comment on column mart.indicator_source.batches is 'Deliveries taken in.';
comment on column mart.indicator_source.newest is 'When the newest of them arrived.';

comment on table mart.revision is
'Numbers that a release shows otherwise than the one before it, and why.';
comment on column mart.revision.release_id is 'The release that reads otherwise.';
comment on column mart.revision.earlier_release_id is 'The release before it.';
comment on column mart.revision.indicator_code is 'Indicator.';
comment on column mart.revision.method is 'Way of counting.';
comment on column mart.revision.realm is 'real or simulated.';
comment on column mart.revision.area_code is 'Division code.';
comment on column mart.revision.period is 'Year or day.';
comment on column mart.revision.dimension is 'Breakdown.';
comment on column mart.revision.member is 'Place in the breakdown.';
comment on column mart.revision.old_status is 'Status before; null where there was no such number.';
comment on column mart.revision.old_value is 'Value before; null unless it was published.';
comment on column mart.revision.new_status is 'Status now; null where there is no such number any more.';
comment on column mart.revision.new_value is 'Value now; null unless it is published.';
comment on column mart.revision.why is
'data: deliveries came in, went or were waived; definition: its version rose; models: other models made it.';

comment on table mart.revision_delivery is
'Deliveries that moved between two releases and reach an indicator: the reason where mart.revision says data.';
comment on column mart.revision_delivery.release_id is 'The release that reads otherwise.';
comment on column mart.revision_delivery.indicator_code is 'Indicator.';
comment on column mart.revision_delivery.realm is 'real or simulated.';
comment on column mart.revision_delivery.agency_code is 'Agency that sent them.';
comment on column mart.revision_delivery.agency_name_zh is 'Its name in Chinese.';
comment on column mart.revision_delivery.agency_name_en is 'Its name in English.';
comment on column mart.revision_delivery.entity is 'What they deliver: source.entity.';
comment on column mart.revision_delivery.what is 'What became of them: released, withdrawn and so on.';
comment on column mart.revision_delivery.deliveries is 'How many they are.';
comment on column mart.revision_delivery.newest is 'When the newest of them arrived.';

comment on table mart.explained is 'Releases whose sources and changes have been written down.';
comment on column mart.explained.release_id is 'Release.';
comment on column mart.explained.explained_at is 'When.';
