"""What the shipped packs' sources are called in Chinese: a source is written once, in the language of who wrote the pack."""

from __future__ import annotations

__all__ = ["source_in"]

_CHINESE = {
    "parkgeo's setting, no regulation's figure": "parkgeo 的设置，并无法规数值",
    "parkgeo's setting, an order of magnitude to start from; no regulation's figure": "parkgeo 的设置，仅为起步的数量级；并无法规数值",
    "parkgeo's setting from general knowledge; a source was not seen": "parkgeo 依通用知识的设置；未见出处",
    "parkgeo's setting from general knowledge of TD/T 1029; the text was not seen": "parkgeo 依对 TD/T 1029 的通用知识所作设置；未见原文",
    "parkgeo's setting, no regulation's figure; the codes are those of the three classifications, the choice is parkgeo's": "parkgeo 的设置，并无法规数值；代码取自三种用地分类，类别由 parkgeo 选定",
    "parkgeo's setting, no regulation's figure; the exclusion was seen in a county's rule (Minhou 2018)": "parkgeo 的设置，并无法规数值；该排除见于一县的规定（闽侯 2018）",
    "parkgeo's setting, no regulation's figure; counties use one or the other": "parkgeo 的设置，并无法规数值；各县两种做法都有",
    "parkgeo's setting, no national rule; Minhou's published definition of 2018 has the same": "parkgeo 的设置，并无国家规定；闽侯 2018 年公布的认定标准与此相同",
    "parkgeo's setting, no national figure; Minhou's published definition of 2018 has the same": "parkgeo 的设置，并无国家数值；闽侯 2018 年公布的认定标准与此相同",
    "parkgeo's setting, no national figure; Dongyang's published definition has the same": "parkgeo 的设置，并无国家数值；东阳公布的认定标准与此相同",
    "parkgeo's reading": "parkgeo 的理解",
    "parkgeo's reading of TD/T 1029; its text was not seen": "parkgeo 对 TD/T 1029 的理解；未见原文",
    "parkgeo's reading; that such causes stop the clock is in the order": "parkgeo 的理解；此类原因中止计期见于该办法",
    "parkgeo's reading, as a blank actual start is read": "parkgeo 的理解，与空白的实际动工日期同样对待",
    "parkgeo's reading: the indicators bind new projects; land that was built before is measured by them, with no consequence in law": "parkgeo 的理解：该指标约束新建项目；此前已建成的土地仅作对照，不产生法律后果",
    "national monitoring of intensive land use in development zones": "国家级开发区土地集约利用监测统计",
    "national monitoring of intensive land use in development zones, 2024 report": "国家级开发区土地集约利用监测统计，2024 年度通报",
    "闲置土地处置办法 (Order 53 of the Ministry of Land and Resources)": "闲置土地处置办法（国土资源部令第53号）",
    "中华人民共和国城市房地产管理法 (the order's superior law)": "中华人民共和国城市房地产管理法（该办法的上位法）",
    "manual of the state's land market monitoring system": "土地市场动态监测与监管系统使用手册",
    "福州市工业项目准入要求, as published; the document's number is not recorded here": "福州市工业项目准入要求，据公开发布；此处未记文号",
    "东阳市低效工业用地认定标准, as published; the document's number is not recorded here": "东阳市低效工业用地认定标准，据公开发布；此处未记文号",
    "闽侯县低效工业用地认定办法, as published; the document's number is not recorded here": "闽侯县低效工业用地认定办法，据公开发布；此处未记文号",
    "闽侯县闲置土地处置规定, as published; the document's number is not recorded here": "闽侯县闲置土地处置规定，据公开发布；此处未记文号",
    "黄岩区亩均效益综合评价, as published; the document's number is not recorded here": "黄岩区亩均效益综合评价，据公开发布；此处未记文号",
    "长乐区亩均效益综合评价, as published; the document's number is not recorded here": "长乐区亩均效益综合评价，据公开发布；此处未记文号",
    "淮安市亩均效益综合评价, as published; the document's number is not recorded here": "淮安市亩均效益综合评价，据公开发布；此处未记文号",
    "江苏省高标准厂房容积率要求, as published; the document's number is not recorded here": "江苏省高标准厂房容积率要求，据公开发布；此处未记文号",
    "江苏省新建工业项目容积率要求, as published; the document's number is not recorded here": "江苏省新建工业项目容积率要求，据公开发布；此处未记文号",
    "per-mu evaluations of several places, as published; their documents' numbers are not recorded here": "多地亩均效益评价，据公开发布；此处未记文号",
    "per-mu evaluations of several places, as published; the words are parkgeo's choice": "多地亩均效益评价，据公开发布；所列词语由 parkgeo 选定",
    "工信部联规〔2025〕189号 names the way; when it applies is parkgeo's reading": "工信部联规〔2025〕189号列有此方式；何时适用为 parkgeo 的理解",
    "国土资源部令第53号 and 工信部联规〔2025〕189号; when it applies is parkgeo's reading, the text was not seen for it": "国土资源部令第53号、工信部联规〔2025〕189号；何时适用为 parkgeo 的理解，未见相应原文",
    "no national figure was seen: the province, the city or the park sets its own (the figure here is left empty, its source not seen)": "未见国家数值：由省、市或园区自定（此处留空，未见出处）",
    "left to the province, the city or the park; a national figure was not seen": "留待省、市或园区填写；未见国家数值",
    "left to the office; official weights were not seen": "留待使用单位填写；未见官方权重",
    "left to the office; official ideal values were not seen": "留待使用单位填写；未见官方理想值",
    "left to the office; a national table was not seen": "留待使用单位填写；未见国家用表",
    "left to the office; a national average was not seen": "留待使用单位填写；未见全国平均值",
    "land-use classifications of 2023 (自然资发〔2023〕234号), GB 50137-2011 and GB/T 21010-2017, general knowledge of the last; the choice of classes is parkgeo's": "用地用海分类（自然资发〔2023〕234号）、GB 50137-2011 和 GB/T 21010-2017，后者为通用知识；类别由 parkgeo 选定",
    "国土空间调查、规划、用途管制用地用海分类指南; the choice of classes is parkgeo's": "国土空间调查、规划、用途管制用地用海分类指南；类别由 parkgeo 选定",
    "general knowledge; the article was not seen": "通用知识；未见条文",
    "general knowledge of 国土资发〔2008〕24号; the text was not seen": "对国土资发〔2008〕24号的通用知识；未见原文",
    "parkgeo's setting after Luo and Qi 2009 (weights of a slow decay); the paper was not seen": "parkgeo 参照 Luo、Qi（2009）缓衰减权重的设置；未见原文",
    "general knowledge of GB/T 51328-2018; the text was not seen": "对 GB/T 51328-2018 的通用知识；未见原文",
    "general knowledge of 自然资发〔2023〕72号; the text was not seen": "对自然资发〔2023〕72号的通用知识；未见原文",
    "国土资发〔2008〕24号; its table was not seen": "国土资发〔2008〕24号；未见其附表",
    "自然资发〔2023〕72号; its table was not seen": "自然资发〔2023〕72号；未见其附表",
    "自然资发〔2023〕72号, told at second hand; the text itself was not seen": "自然资发〔2023〕72号，据转述；未见原文",
    "国土空间调查、规划、用途管制用地用海分类指南; GB 50137-2011; the choice of classes is parkgeo's": "国土空间调查、规划、用途管制用地用海分类指南；GB 50137-2011；类别由 parkgeo 选定",
    "general knowledge of GB/T 21010-2017; the choice of classes is parkgeo's": "对 GB/T 21010-2017 的通用知识；类别由 parkgeo 选定",
    "general knowledge of the classifications; the choice of classes is parkgeo's": "对用地分类的通用知识；类别由 parkgeo 选定",
}
_NOT_STATED = "not stated"
_BY_LENGTH = sorted(_CHINESE, key=len, reverse=True)


def source_in(text: str, lang: str) -> str:
    """A source, or a source and its edition, in a language.

    Parameters
    ----------
    text
        As a pack writes it, with or without ``, edition`` behind.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    str
        As written where the Chinese is not known: an office's own source, or a title from abroad.

    Examples
    --------
    >>> source_in("parkgeo's reading, not stated", "zh")
    'parkgeo 的理解，版次未注明'
    >>> source_in("parkgeo's reading, 2026.1", "en")
    "parkgeo's reading, 2026.1"
    """
    if lang != "zh":
        return text
    known = next((one for one in _BY_LENGTH if text == one or text.startswith(f"{one}, ")), None)
    if known is None:
        return text.removesuffix(f", {_NOT_STATED}") + (
            "，版次未注明" if text.endswith(f", {_NOT_STATED}") else ""
        )
    edition = text[len(known) :].removeprefix(", ")
    told = "版次未注明" if edition == _NOT_STATED else edition
    return f"{_CHINESE[known]}，{told}" if told else _CHINESE[known]
