{# City, town or village of a three-digit urban-rural code; unknown for any other. #}
{% macro urban_rural(code) -%}
case
        when {{ code }} in ('111', '112') then 'urban'
        when {{ code }} in ('121', '122') then 'town'
        when {{ code }} in ('210', '220') then 'rural'
        else 'unknown'
    end
{%- endmacro %}
