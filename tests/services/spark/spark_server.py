"""One Spark with Delta Lake, told what to do line by line.

Usage: spark_server.py JAR...
Takes the requests `{"run": [SQL, ...]}` and `{"rows": SQL}`, see `line_server.py`.
"""

import os
import pathlib
import sys
import tempfile

from pyspark.sql import SparkSession
from pyspark.sql.types import TimestampNTZType

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from line_server import Answers
from plain_values import plain


def main() -> None:
    answers = Answers()
    with tempfile.TemporaryDirectory(prefix="millrace-spark-") as folder:
        spark = start(sys.argv[1:], folder)
        answers.serve(spark.version, lambda request: perform(spark, request))
        spark.stop()


def start(jars: list[str], folder: str) -> SparkSession:
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.jars": ",".join(jars),
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Duser.timezone=UTC -Djava.io.tmpdir={folder} -XX:TieredStopAtLevel=1",
        "spark.local.dir": folder,
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.databricks.delta.retentionDurationCheck.enabled": "false",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    }
    builder = SparkSession.builder.master("local[2]").appName("millrace")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def perform(spark: SparkSession, request: dict):
    if "rows" in request:
        return rows_of(spark, request["rows"])
    for statement in request["run"]:
        spark.sql(statement)
    return None


def rows_of(spark: SparkSession, sql: str) -> list:
    found = spark.sql(sql)
    zoneless = [field.name for field in found.schema.fields if isinstance(field.dataType, TimestampNTZType)]
    rows = []
    for row in found.collect():
        values = plain(row.asDict(recursive=True), "Z")
        # Python has one type for both kinds of times
        for name in zoneless:
            values[name] = values[name] and values[name].removesuffix("Z")
        rows.append(values)
    return rows


if __name__ == "__main__":
    main()
