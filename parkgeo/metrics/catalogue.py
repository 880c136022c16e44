"""Every metric: name, unit, titles, formula, source, and the layers it needs. Docs, maps, API and exports read it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["METRICS", "Metric"]


@dataclass(frozen=True)
class Metric:
    """One metric of parcels.

    Attributes
    ----------
    name
        Column.
    unit
        Unit of its values; empty for a ratio.
    zh, en
        Titles.
    formula_zh, formula_en
        How it is computed.
    source
        Where the formula stands.
    needs
        Layers without which it is missing.
    """

    name: str
    unit: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    source: str
    needs: tuple[str, ...]

    def entry(self) -> dict[str, object]:
        """What a snapshot's catalogue says of it."""
        return {
            "zh": self.zh, "en": self.en, "unit": self.unit, "type": "number",
            "formula_zh": self.formula_zh, "formula_en": self.formula_en, "source": self.source,
            "needs": list(self.needs),
        }  # fmt: skip


_INDICATORS = "工业项目建设用地控制指标 (国土资发〔2008〕24号; 自然资发〔2023〕72号)"
_PER_MU = "亩均效益综合评价: yearly figure of the occupants ÷ site area"
_EVALUATION = "亩均效益综合评价; weights, benchmarks and bands of the packs in force"
_METERS = "parkgeo: twelve months of monthly readings ÷ site area"
_OCCUPANTS = ("occupancy", "performance")
_PIXELS = "parkgeo; thresholds in the pack, group imagery; exact shares of pixels by exactextract"

_MAINS = "parkgeo: distance in the working coordinate system"
_READY = "七通一平; limits of the packs, group services"
_GROUND = "parkgeo; thresholds of the packs, group services"
_PIPED = (
    ("water", "供水", "water main"), ("power", "供电", "power line or station"), ("drainage", "排水", "drain"),
    ("telecom", "通信", "telecom line"), ("gas", "燃气", "gas main"), ("heat", "供热", "heating main"),
)  # fmt: skip

_QUICKEST = "parkgeo: quickest way over the roads (Dijkstra 1959); speeds and limits of the packs, groups network and access"
_TO_FACILITIES = ("roads", "facilities")
_GATEWAYS = {
    "motorway_ramp": ("高速出入口", "motorway ramp"), "rail_freight": ("铁路货站", "rail freight station"), "port": ("港口", "port"),
    "airport": ("机场", "airport"), "core_city": ("中心城区", "core city"), "logistics_hub": ("物流枢纽", "logistics hub"),
}  # fmt: skip
_SERVED_BY = {
    "hospital": ("医院", "hospital"), "clinic": ("诊所", "clinic"), "school": ("学校", "school"), "bus_stop": ("公交站", "bus stop"),
    "housing": ("宿舍或住宅", "housing"), "canteen": ("食堂", "canteen"),
}  # fmt: skip
_ON_FOOT = ("canteen", "bus_stop", "clinic")

_ACCESS: tuple[Metric, ...] = (
    Metric("gates", "1", "出入口数", "Gates", "出入口图层所列且与道路相接的个数；未列的，沿临路边按间距推定；不临路为 0", "gates of the layer that meet a road; where none is listed, those assumed along the frontage; 0 without frontage", "parkgeo: access.gate_m, access.gate_spacing_m, access.gates_most", ("roads",)),
    Metric("frontage_m", "m", "距道路距离", "Distance to a road", "宗地至最近可临路道路边缘（红线；无路宽时按等级半宽）的距离；相接为 0", "from the parcel to the edge of the nearest road that it may open onto, by its width or that of its class; 0 where it touches", "parkgeo: access.frontage_classes, access.half_width_m", ("roads",)),
    *(Metric(f"travel_min_{kind}", "min", f"至最近{zh}车行时间", f"Minutes by car to the nearest {en}", f"由出入口沿路网至最近{zh}的最短车行时间", f"quickest way by car from a gate to the nearest {en}", _QUICKEST, _TO_FACILITIES) for kind, (zh, en) in (_GATEWAYS | _SERVED_BY).items()),
    Metric("travel_min_fire_station", "min", "最近消防站驶达时间", "Minutes from the nearest fire station", "由最近消防站沿路网驶达出入口的最短时间", "quickest way by car from the nearest fire station to a gate", _QUICKEST, _TO_FACILITIES),
    *(Metric(f"travel_km_{kind}", "km", f"至最近{zh}车行里程", f"Kilometres by car to the nearest {en}", "上述最短时间路径的长度", f"length of that quickest way, to the {en} nearest in time", _QUICKEST, _TO_FACILITIES) for kind, (zh, en) in _GATEWAYS.items()),
    *(Metric(f"truck_min_{kind}", "min", f"至最近{zh}货车时间", f"Minutes by truck to the nearest {en}", f"由货车可用的出入口沿货车可行路网（限高、限重、限时）至最近{zh}的最短时间", f"quickest way by truck from a gate that it may use to the nearest {en}, over roads open to it", _QUICKEST, _TO_FACILITIES) for kind, (zh, en) in _GATEWAYS.items()),
    *(Metric(f"truck_yuan_per_t_{kind}", "yuan/t", f"至最近{zh}货运成本", f"Truck cost to the nearest {en}", "（里程 × 元/公里 + 小时 × 元/小时 + 高速里程 × 通行费）÷ 载重；单程满载", "(km × yuan/km + hours × yuan/h + km of motorway × toll) ÷ load; one way, loaded", "parkgeo: rates of the packs, access.truck_yuan_per_km, truck_yuan_per_h, truck_toll_yuan_per_km, truck_load_t", _TO_FACILITIES) for kind, (zh, en) in _GATEWAYS.items()),
    *(Metric(f"walk_min_{kind}", "min", f"至最近{zh}步行时间", f"Minutes on foot to the nearest {en}", f"由出入口沿可步行的道路至最近{zh}的最短时间", f"quickest way on foot from a gate to the nearest {en}", _QUICKEST, _TO_FACILITIES) for kind in _ON_FOOT for zh, en in (_SERVED_BY[kind],)),
    Metric("access_score", "point", "交通可达性得分", "Access score", "Σ 权重 ×（最差值 − 值）÷（最差值 − 理想值），限于 0 至权重，÷ Σ 权重 × 100；缺任一项不计分", "Σ weight × (worst − value) ÷ (worst − ideal), between 0 and the weight, ÷ Σ weights × 100; missing where one value is", "parkgeo: access.score_weights, access.score_ideal, access.score_worst", _TO_FACILITIES),
)  # fmt: skip

_LISA = "Anselin 1995; Benjamini, Hochberg 1995; agglomeration.gap_m, permutations and seed of the packs"
_P_ZH = "局部莫兰指数条件置换的双侧伪概率 2 ×（min（不低于、不高于观测值的次数）+ 1）÷（次数 + 1），经 Benjamini–Hochberg 校正；无邻地的不计"
_P_EN = "two-sided pseudo p of local Moran's I by conditional permutation, 2 × (min(layouts at least, at most as observed) + 1) ÷ (layouts + 1), adjusted by Benjamini–Hochberg; missing without neighbours"

_NET = "parkgeo: group net_land of the packs"
_FITTED = "parkgeo: largest rectangle by search, see docs/developable-land.md"
_NET_LAND: tuple[Metric, ...] = (
    Metric("net_area_m2", "m2", "净用地面积", "Net land", "宗地面积扣除限制要素、走廊、退距和保留建筑后的面积；同一处只扣一次", "area of the parcel less constraints, corridors, setbacks and buildings that stay; ground under several is taken off once", _NET, ("parcels",)),
    Metric("net_share", "1", "净用地比例", "Share of net land", "净用地面积 ÷ 宗地图形面积", "net land ÷ area of the parcel as drawn", _NET, ("parcels",)),
    Metric("rectangle_area_m2", "m2", "最大内接矩形面积", "Largest rectangle", "候选地净用地内任意角度的最大矩形面积；多块的取最大一块", "area of the largest rectangle at any angle inside a candidate's net land; the best of its parts", _FITTED, ("parcels",)),
    Metric("rectangle_long_m", "m", "最大内接矩形长边", "Largest rectangle, long side", "上述矩形的长边", "long side of that rectangle", _FITTED, ("parcels",)),
    Metric("rectangle_short_m", "m", "最大内接矩形短边", "Largest rectangle, short side", "上述矩形的短边", "short side of that rectangle", _FITTED, ("parcels",)),
    Metric("rectangle_angle_deg", "deg", "最大内接矩形方向", "Largest rectangle, direction", "长边方向，自正东逆时针，0 至 180 度", "direction of the long side, counter-clockwise from east, 0 to 180", _FITTED, ("parcels",)),
    Metric("net_frontage_m", "m", "临路边长", "Frontage", "候选地边线中沿可临道路的各边长度之和；边上十分之一、中点、十分之九处均在临路距离内的计入", "length of a candidate's edges that run along a road it may open onto: those of which a tenth, the middle and nine tenths all lie within the distance of frontage", _NET, ("roads",)),
    Metric("net_depth_m", "m", "自临路边起的进深", "Depth from the frontage", "最大内接矩形中与临路方向交角较大的一边", "side of the largest rectangle that is nearer to a right angle with the frontage", _FITTED, ("roads",)),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (
    Metric("site_area_m2", "m2", "宗地面积（图形）", "Site area (drawn)", "宗地图形的投影面积", "area of the parcel's polygon in the working coordinate system", "plane area in the working coordinate system", ("parcels",)),
    Metric("area_difference_ratio", "", "面积差率", "Area difference", "（图形面积 − 登记面积）÷ 登记面积", "(drawn − registered) ÷ registered area", "parkgeo", ("parcels",)),
    Metric("footprint_m2", "m2", "建筑占地面积", "Footprint", "宗地内建筑物基底面积之和", "sum of the footprints of buildings on the parcel", _INDICATORS, ("buildings",)),
    Metric("completed_footprint_m2", "m2", "已竣工建筑占地面积", "Footprint completed", "宗地内截至评价时点已竣工的建筑物基底面积之和", "sum of the footprints of buildings on the parcel that are known to be completed by the day of judgement", "parkgeo", ("buildings",)),
    Metric("compactness", "1", "紧凑度", "Compactness", "4π × 宗地面积 ÷ 周长²；圆为 1，正方形 0.785", "4π × area ÷ perimeter²; a circle has 1, a square 0.785", "Polsby and Popper 1991", ("parcels",)),
    Metric("rectangularity", "1", "矩形度", "Rectangularity", "宗地面积 ÷ 最小外接矩形面积（任意角度）", "area ÷ area of the least rectangle around it, at any angle", "Rosin 1999", ("parcels",)),
    Metric("floor_area_m2", "m2", "总建筑面积（计容）", "Floor area", "建筑面积之和，已知层高超过 8 米的加倍；跨宗地的按基底份额", "sum of floor areas, a storey known to be above 8 m counting double; across an edge by share of footprint", _INDICATORS, ("buildings",)),
    Metric("far", "", "容积率", "Floor area ratio", "计容建筑面积 ÷ 宗地面积", "floor area ÷ site area", _INDICATORS, ("buildings",)),
    Metric("building_density", "", "建筑密度", "Building density", "建筑占地面积 ÷ 宗地面积", "footprint ÷ site area", _INDICATORS, ("buildings",)),
    Metric("building_coefficient", "", "建筑系数", "Building coefficient", "（建筑物 + 构筑物 + 露天堆场）占地 ÷ 宗地面积", "(buildings + structures + open storage yards) ÷ site area", _INDICATORS, ("buildings",)),
    Metric("output_wan_per_mu", "wan/mu", "亩均产值", "Output per mu", "企业年总产值（按占地分摊）÷ 宗地面积", "occupants' yearly output, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("value_added_wan_per_mu", "wan/mu", "亩均增加值", "Value added per mu", "企业年增加值（按占地分摊）÷ 宗地面积", "occupants' yearly value added, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("tax_wan_per_mu", "wan/mu", "亩均税收", "Tax per mu", "企业年实缴税收（按占地分摊）÷ 宗地面积", "occupants' yearly tax, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("fixed_assets_wan_per_mu", "wan/mu", "亩均固定资产", "Fixed assets per mu", "企业当年申报的固定资产（按占地分摊）÷ 宗地面积", "occupants' fixed assets as filed for the year, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("revenue_wan_per_mu", "wan/mu", "亩均营业收入", "Revenue per mu", "企业年营业收入（按占地分摊）÷ 宗地面积", "occupants' yearly revenue, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("rd_wan_per_mu", "wan/mu", "亩均研发经费", "R&D per mu", "企业年研发经费（按占地分摊）÷ 宗地面积", "occupants' yearly R&D spending, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("energy_tce_per_mu", "tce/mu", "亩均能耗", "Energy per mu", "企业年综合能耗（按占地分摊）÷ 宗地面积", "occupants' yearly energy use, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("labour_productivity_wan_per_person", "wan/person", "全员劳动生产率", "Labour productivity", "企业年增加值 ÷ 从业人员，均按占地分摊到宗地", "occupants' yearly value added ÷ staff, both split over their parcels by occupied area", _EVALUATION, _OCCUPANTS),
    Metric("energy_productivity_wan_per_tce", "wan/tce", "单位能耗增加值", "Energy productivity", "企业年增加值 ÷ 综合能耗，均按占地分摊到宗地", "occupants' yearly value added ÷ energy use, both split over their parcels by occupied area", _EVALUATION, _OCCUPANTS),
    Metric("emission_productivity_wan_per_t", "wan/t", "单位排放增加值", "Emission productivity", "企业年增加值 ÷ 主要污染物排放量，均按占地分摊到宗地", "occupants' yearly value added ÷ main pollutants, both split over their parcels by occupied area", _EVALUATION, _OCCUPANTS),
    Metric("rd_share", "1", "研发经费占营业收入比重", "R&D share of revenue", "企业年研发经费 ÷ 营业收入，均按占地分摊到宗地", "occupants' yearly R&D spending ÷ revenue, both split over their parcels by occupied area", _EVALUATION, _OCCUPANTS),
    Metric("capacity_use", "1", "产能利用率", "Capacity use", "宗地上企业申报的产能利用率，按占用面积 × 天数加权平均", "occupants' capacity use as filed, mean weighted by occupied area × days", "parkgeo: weighted by land", _OCCUPANTS),
    Metric("investment_intensity_wan_per_ha", "wan/ha", "投资强度", "Investment intensity", "固定资产投资（含土地价款）÷ 宗地面积；申报数视为已含土地价款，规则包 evaluation.fixed_assets_include_land_price 设为 false 时另加台账的土地价款", "fixed-asset investment including land price ÷ site area; the filed figure is taken to include it, or the ledger's land price is added where the packs' evaluation.fixed_assets_include_land_price is false", _INDICATORS, _OCCUPANTS),
    Metric("score", "point", "亩均效益评价得分", "Evaluation score", "宗地上企业得分，按占用面积 × 天数加权平均；企业得分 = Σ min(指标值 ÷ 基准值, 上限) × 权重", "score of the companies on the parcel, mean weighted by occupied area × days; a company's = Σ min(value ÷ benchmark, cap) × weight", _EVALUATION, _OCCUPANTS),
    Metric("electricity_kwh_per_mu", "kWh/mu", "亩均用电量（近十二个月）", "Electricity per mu (twelve months)", "评价时点前十二个完整月用电量（按占地分摊）÷ 宗地面积", "occupants' electricity of the twelve full months before the day of judgement, split over their parcels by occupied area × days, ÷ site area", _METERS, _OCCUPANTS),
    Metric("water_m3_per_mu", "m3/mu", "亩均用水量（近十二个月）", "Water per mu (twelve months)", "评价时点前十二个完整月用水量（按占地分摊）÷ 宗地面积", "occupants' water of the twelve full months before the day of judgement, split over their parcels by occupied area × days, ÷ site area", _METERS, _OCCUPANTS),
    Metric("imagery_valid_share", "1", "影像可见面积比例", "Share seen in the image", "影像中看得清（非云、有数据、在影像范围内）的面积 ÷ 宗地面积", "area that the image shows (no cloud, with data, within the image) ÷ site area", _PIXELS, ("imagery",)),
    Metric("ndvi", "1", "归一化植被指数 NDVI", "Vegetation index NDVI", "各像元（近红外 − 红）÷（近红外 + 红）按覆盖份额加权平均", "mean over pixels, by the share on the parcel, of (nir − red) ÷ (nir + red)", f"Rouse et al. 1974; {_PIXELS}", ("imagery",)),
    Metric("ndbi", "1", "归一化建筑指数 NDBI", "Built-up index NDBI", "各像元（短波红外1 − 近红外）÷（短波红外1 + 近红外）按覆盖份额加权平均", "mean over pixels, by the share on the parcel, of (swir1 − nir) ÷ (swir1 + nir)", f"Zha, Gao, Ni 2003; {_PIXELS}", ("imagery",)),
    Metric("bsi", "1", "裸土指数 BSI", "Bare soil index BSI", "各像元［（短波红外1 + 红）−（近红外 + 蓝）］÷［（短波红外1 + 红）+（近红外 + 蓝）］按覆盖份额加权平均", "mean over pixels, by the share on the parcel, of ((swir1 + red) − (nir + blue)) ÷ ((swir1 + red) + (nir + blue))", f"Rikimaru, Roy, Miyatake 2002; {_PIXELS}", ("imagery",)),
    Metric("built_share", "1", "影像建成比例", "Built in the image", "列为建成的像元面积 ÷ 可见面积", "area of pixels taken for built ÷ area seen", _PIXELS, ("imagery",)),
    Metric("vegetated_share", "1", "影像植被比例", "Vegetated in the image", "列为植被的像元面积 ÷ 可见面积", "area of pixels taken for vegetated ÷ area seen", _PIXELS, ("imagery",)),
    Metric("bare_share", "1", "影像裸地比例", "Bare in the image", "列为裸地的像元面积 ÷ 可见面积", "area of pixels taken for bare ÷ area seen", _PIXELS, ("imagery",)),
    Metric("ndvi_change", "1", "NDVI 变化", "Change of NDVI", "最近一期 NDVI − 可比较的最早一期 NDVI", "NDVI of the latest image − that of the earliest that may be compared", _PIXELS, ("imagery",)),
    Metric("built_share_change", "1", "建成比例变化", "Change of the built share", "最近一期建成比例 − 可比较的最早一期建成比例", "built share of the latest image − that of the earliest that may be compared", _PIXELS, ("imagery",)),
    Metric("releasable_area_m2", "m2", "可盘活土地面积", "Releasable land", "疑似闲置或规则包所列状态宗地的面积；用而未尽的只计未用部分", "area of a parcel that is suspected idle or in one of the pack's states; of one used in part what is not used", "parkgeo: potential.releasable_states", ("supply",)),
    Metric("releasable_floor_area_m2", "m2", "可增建筑面积", "Floor area up to the plan", "max（0，规划容积率 × 宗地面积 − 建筑面积）", "max(0, planned floor area ratio × site area − floor area)", "parkgeo", ("buildings",)),
    Metric("idle_cost_wan_per_year", "wan/year", "闲置或低效的年成本", "Yearly cost of idleness", "宗地亩数 ×（基准 − 实际）；疑似闲置或低效的宗地", "mu × (benchmark − actual yield) of idle or low-yield land", "parkgeo: potential.cost_measures", ("performance",)),
    Metric("vertical_headroom_m2", "m2", "工业上楼可增建筑面积", "Vertical-factory headroom", "适合上楼行业的已建成工业宗地：max（0，规划容积率 × 面积 − 建筑面积）", "built industrial land of industries that suit it: max(0, planned floor area ratio × area − floor area)", "parkgeo: potential.vertical_industries", ("buildings",)),
    Metric("roof_area_m2", "m2", "屋顶面积", "Roof area", "已竣工建筑物在宗地内的占地", "outline of completed buildings on the parcel", "parkgeo", ("buildings",)),
    Metric("pv_kwp_low", "kWp", "屋顶光伏装机（低值，系数未核实）", "Rooftop PV, low (unverified factors)", "屋顶面积 × 可用比例低值 × 每平方米装机低值", "roof area × low usable share × low kWp per m²", "parkgeo: potential.roof_usable_share_low and the pv figures, general knowledge", ("buildings",)),
    Metric("pv_kwp_high", "kWp", "屋顶光伏装机（高值，系数未核实）", "Rooftop PV, high (unverified factors)", "屋顶面积 × 可用比例高值 × 每平方米装机高值", "roof area × high usable share × high kWp per m²", "parkgeo: potential.roof_usable_share_high and the pv figures, general knowledge", ("buildings",)),
    Metric("output_gi_z", "1", "亩均产值热点 Gi*（标准分）", "Hot spot of output per mu, Gi* (standard score)", "（Σ x − k × 均值）÷（s × √((n k − k²) ÷ (n − 1))），和取自宗地自身与边界间距不超过 agglomeration.gap_m 的邻地共 k 块；未经多重检验校正", "(Σ x − k × mean) ÷ (s × √((n k − k²) ÷ (n − 1))), the sum over the k parcels that are the parcel itself and those at most agglomeration.gap_m from its edge; not adjusted for the number of tests", "Ord, Getis 1995; agglomeration.gap_m of the packs", _OCCUPANTS),
    Metric("output_cluster_p", "1", "亩均产值聚类的校正概率", "Adjusted p of the cluster of output", _P_ZH, _P_EN, _LISA, _OCCUPANTS),
    Metric("idle_cluster_p", "1", "闲置用地聚类的校正概率", "Adjusted p of the cluster of idle land", _P_ZH, _P_EN, _LISA, ("supply",)),
    *_ACCESS,
    *_NET_LAND,
    *(Metric(f"main_m_{kind}", "m", f"距{zh}管线或站点", f"Distance to the nearest {en}", f"宗地边界至最近{zh}管线或站点的直线距离；穿过宗地为 0", f"straight distance from the parcel's edge to the nearest {en} or point of that kind; 0 where it crosses the parcel", _MAINS, ("utilities",)) for kind, zh, en in _PIPED),
    Metric("services_ready", "1", "已具备的通达条件（七通）", "Services ready, of seven", "临路，及供水、供电、排水、通信、燃气、供热中在接入距离内且有余量者的个数，0–7", "frontage on a road, and those of water, power, drainage, telecom, gas and heat that have a main within the limit with capacity to spare; 0 to 7", _READY, ("utilities", "roads")),
    Metric("ground_slope", "1", "地面平均坡度", "Mean slope of the ground", "高程模型各像元坡度（高差 ÷ 平距）按覆盖份额加权平均", "mean over pixels of the terrain model, by the share on the parcel, of rise ÷ run", _GROUND, ("dem",)),
    Metric("ground_steep_share", "1", "陡地比例", "Share of steep ground", "坡度超过规则包平整坡度的面积 ÷ 有高程的面积", "ground steeper than the packs' slope of level ground ÷ ground that has heights", _GROUND, ("dem",)),
    Metric("ground_relief_m", "m", "地面高差", "Relief", "至少一半在宗地内的像元中，最高 − 最低", "highest less lowest pixel that lies at least by half on the parcel", _GROUND, ("dem",)),
    Metric("ground_mean_m", "m", "地面平均高程", "Mean height of the ground", "各像元高程按覆盖份额加权平均，即挖填平衡标高", "mean height of the pixels, by the share on the parcel: the level at which cut and fill balance", _GROUND, ("dem",)),
    Metric("ground_valid_share", "1", "高程覆盖比例", "Share with heights", "高程模型有数据的面积 ÷ 宗地面积", "area with heights in the terrain model ÷ area of the parcel", _GROUND, ("dem",)),
    Metric("ground_cells", "1", "高程像元数", "Cells of the terrain model", "宗地内有高程的像元数，按覆盖份额计", "pixels with heights on the parcel, counted by the share that lies on it", _GROUND, ("dem",)),
    Metric("cut_fill_m3", "m3", "平整土方量（估算）", "Cut and fill (estimate)", "按挖填平衡的水平面平整宗地所需的挖方量（等于填方量）", "earth to be cut, and as much filled, to level the parcel at its mean height", _GROUND, ("dem",)),
)  # fmt: skip
"""All metrics of parcels, in the order in which they are shown."""
