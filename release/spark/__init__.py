"""The dbt project on its second engine: Spark, for a rebuild at the size of a country."""
