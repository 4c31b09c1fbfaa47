import pytest, time
from sqlalchemy.ext.asyncio import AsyncSession
from random_data import fill
from asking import read
from reference import Reference
from schema import schema
pytestmark = pytest.mark.anyio
Q = """{ procurements(first: 2, orderBy: {field: TITLE}) { totalCount edges { cursor } pageInfo { hasNextPage endCursor } nodes { id title isOverdue estimatedValue {amount currency} orderedValue {amount}
 sources { url } aa: __typename purchaseOrders { nodes { deliveredShare } } } aggregate { groupBy(by: [STATUS, GROUP]) { count keys {field value label} sums { estimatedValue {amount currency}} } } } }"""
async def test_fill(database):
    await fill(database)
    async with AsyncSession(database.engine) as session:
        t=time.time()
        ref = await session.run_sync(lambda s: Reference(s, schema.as_str()))
        print("load", time.time()-t)
    t=time.time()
    a = ref.answer(Q, {})
    print(time.time()-t)
    t=time.time()
    b = await read(database, Q)
    print(time.time()-t)
    t=time.time()
    b = await read(database, Q)
    print(time.time()-t)
    print(a == b)
    print(str(a)[:600]); print(str(b)[:600])
